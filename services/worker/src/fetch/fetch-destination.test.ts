import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { expect, inject, onTestFinished, test } from "vitest";
import { openQueue, type Claim } from "@sluice/queue";
import { mapEvent } from "@sluice/record";
import { laneNames, readConfiguration, systemClock } from "@sluice/runtime";
import { connectFetch } from "./fetch-destination.ts";

async function openApi(document: () => unknown, status: number): Promise<string> {
  const answer = (): string => JSON.stringify(document());
  const api = createServer((_, response) => void response.writeHead(status).end(answer())).listen(0, "127.0.0.1");
  await once(api, "listening");
  onTestFinished(() => void api.close());
  return `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
}

/** A fetch lane on a real Redis, and what a worker would do with it, step by step. */
async function open(document: () => unknown, status = 200, more = "") {
  const text = `
sources:
  thin:
    scheme: generic-hmac
    secrets: [hush]
    fetch: { url: "${await openApi(document, status)}/{{data.id}}", timeout: 5s${more} }
    records:
      - { destination: crm, object: customer, external_id: data.id, version: data.at, fields: { tier: data.tier } }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: none } }
`;
  const configuration = readConfiguration(text, { path: "sluice.yaml", env: {} });
  const source = configuration.sources.get("thin")!;
  const namespace = `fetch-${randomUUID()}`;
  const queue = await openQueue({
    redisUrl: inject("redisUrl"),
    kind: "worker",
    destinations: laneNames(configuration),
    dedupeWindowMs: 60_000,
    orderingHorizonMs: 60_000,
    namespace,
    onError() {},
  });
  onTestFinished(async () => await queue.close());
  const { versionSkewMs } = configuration;
  const lane = queue.lane("fetch:thin");
  const destination = connectFetch({
    source: () => source,
    versionSkewMs: () => versionSkewMs,
    merging: queue.merging,
    unbroken: () => () => isUnbroken,
    clock: systemClock,
  });
  let isUnbroken = true;
  const terms = { requestsPerMinute: 60_000, credentials: "", passMs: 1000 };
  return {
    lane,
    crm: async () => await queue.lane("crm").numbers(),
    async hear(id: string) {
      const event = { id, type: "changed", time: null, source: "thin", data: { id: "7" }, headers: {} };
      const arrival = { micros: Date.now() * 1000, session: 1 };
      const context = { rank: 0, mappings: source.mappings, arrival, run: 0, versionSkewMs };
      await queue.merging.merge([await mapEvent(event, context)]);
    },
    async claim(leaseMs: number): Promise<Claim> {
      const end = performance.now() + 10_000;
      while (performance.now() < end) {
        const claimed = await lane.claim({
          ...terms,
          requests: 1,
          batch: 1,
          unused: 0,
          leaseMs,
          jobs: 0,
          gatherMs: 0,
          remember: false,
          session: "s",
        });
        if (claimed.kind === "claimed" && claimed.claims.length > 0) return claimed.claims[0]!;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error("nothing became due");
    },
    fetch: async (claim: Claim) =>
      (await destination.write({ effect: "fields", claim }, new AbortController().signal)).answer,
    /** Fetches and settles; in between the state goes back to one that has the claim, and nothing of what the document brought. */
    async fetchAcrossLoss(claim: Claim) {
      const { onSettled } = await destination.write({ effect: "fields", claim }, new AbortController().signal);
      const redis = new Redis(inject("redisUrl"));
      await redis.del(...(await redis.keys(`{${namespace}:crm}*`)));
      redis.disconnect();
      isUnbroken = false;
      expect(await lane.settleFields(claim)).toBe("quiet");
      await onSettled?.();
    },
  };
}

const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, each) => sum + each, 0);

test("a crash between the merge and the settling of a fetch makes a duplicate, not a second change", async () => {
  const { lane, crm, hear, claim, fetch } = await open(() => ({ id: "7", at: "2026-01-01T00:00:00Z", tier: "gold" }));
  await hear("evt-1");
  expect(await fetch(await claim(1))).toEqual({ kind: "done" });
  expect(total((await crm()).accepted)).toBe(1);
  // The worker died here. Its lease ends, and another one fetches the same document.
  const again = await claim(60_000);
  expect(await fetch(again)).toEqual({ kind: "done" });
  expect(total((await crm()).accepted)).toBe(1);
  expect(await lane.settleFields(again)).toBe("quiet");
  const { accepted, open: left, outcomes } = await lane.numbers();
  expect([total(accepted), total(left), total(outcomes.get("applied")!)]).toEqual([1, 0, 1]);
});

test("what a fetch brought is merged once more where a break stood between that and its settling", async () => {
  const { crm, hear, claim, fetchAcrossLoss } = await open(() => ({
    id: "7",
    at: "2026-01-01T00:00:00Z",
    tier: "gold",
  }));
  await hear("evt-1");
  await fetchAcrossLoss(await claim(60_000));
  expect(total((await crm()).accepted)).toBe(1);
});

test("an event that comes in while the document is fetched has it fetched again, and the later document wins a tie", async () => {
  let tier = "first";
  const { lane, crm, hear, claim, fetch } = await open(() => ({ id: "7", at: "2026-01-01T00:00:00Z", tier }));
  await hear("evt-9");
  const first = await claim(60_000);
  await hear("evt-1");
  await fetch(first);
  expect(await lane.settleFields(first)).toBe("more");
  // Some senders' times tell whole seconds: both documents say the same one, and the second event has the smaller id.
  tier = "second";
  const second = await claim(60_000);
  await fetch(second);
  expect(await lane.settleFields(second)).toBe("quiet");
  const { accepted, outcomes } = await crm();
  expect(total(accepted)).toBe(2);
  // Had the older document won, the newer would have been superseded.
  expect(total(outcomes.get("superseded")!)).toBe(0);
});

test.each([
  ["ignore", 400, "610", { kind: "done" }, 0],
  ["delete", 400, "610", { kind: "done" }, 1],
  ["delete", 400, "2500", { kind: "record" }, 0],
  ["delete", 503, "610", { kind: "down" }, 0],
])(
  "with missing: %s a %i that says %s settles the fetch, or does not",
  async (missing, status, code, answer, changes) => {
    const fault = { Fault: { Error: [{ code }], type: "ValidationFault" } };
    const gone = `, missing: ${missing}, gone: "Fault.Error[0].code = '610'"`;
    const { crm, hear, claim, fetch } = await open(() => fault, status, gone);
    await hear("evt-1");
    expect(await fetch(await claim(60_000))).toMatchObject(answer);
    expect(total((await crm()).accepted)).toBe(changes);
  },
);
