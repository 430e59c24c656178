import { randomUUID } from "node:crypto";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import type { Exchange } from "@sluice/destination";
import { openQueue, type Queue } from "@sluice/queue";
import type { Answer, MappedEvent } from "@sluice/record";
import { readConfiguration } from "@sluice/runtime";
import { createQuietRequests, type QuietRequests, type QuietWait } from "./quiet-requests.ts";

/** A busy machine may take so long for what will come. */
const BUSY_MACHINE = { timeout: 60_000 };

const TEXT = `
sources:
  erp: { scheme: generic-hmac, secrets: [hush-hush-hush-hush], records: [{ destination: crm, object: customer, external_id: data.id, fields: { tier: data.tier } }] }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: none }, requests_per_minute: 6000, batch: 1 }
`;

type Subject = { readonly queue: Queue; readonly quiet: QuietRequests; readonly waits: (QuietWait | null)[] };

async function open(signal = new AbortController().signal): Promise<Subject> {
  const configuration = readConfiguration(TEXT, { path: "sluice.yaml", env: {} });
  const { dedupeWindowMs, orderingHorizonMs } = configuration;
  const queue = await openQueue({
    redisUrl: inject("redisUrl"),
    kind: "door",
    destinations: ["crm"],
    dedupeWindowMs,
    orderingHorizonMs,
    namespace: `quiet-${randomUUID()}`,
    onError() {},
  });
  onTestFinished(async () => await queue.close());
  const waits: (QuietWait | null)[] = [];
  const destination = configuration.destinations.get("crm")!;
  const onWait = async (why: QuietWait | null): Promise<void> => void waits.push(why);
  return { queue, waits, quiet: createQuietRequests({ queue, destination, onWait, signal }) };
}

function answered(answer: Answer): { readonly exchange: Exchange } {
  return { exchange: { answer, status: "", shown: null } };
}

type Send = () => Promise<{ readonly exchange: Exchange }>;

const DONE = answered({ kind: "done" });

async function admit(queue: Queue, count: number): Promise<void> {
  const mapped = Array.from({ length: count }, (_, at): MappedEvent => {
    const event = { id: `e-${at}`, type: "t", time: null, source: "erp", data: null, headers: {} };
    const effect = { kind: "fields", fields: new Map([["tier", "gold"]]) } as const;
    const key = { by: "external_id", value: `c-${at}` } as const;
    const change = { destination: "crm", object: "customer", key, version: null, effect };
    return { event, rank: 0, arrival: { micros: 1000 + at, session: 1 }, run: 0, changes: [change], faults: [] };
  });
  await queue.merging.merge(mapped);
}

test("while its destination is held a request waits, and says why; a write goes first behind the hold", async () => {
  const { queue, quiet, waits } = await open();
  await admit(queue, 1);
  await queue.gate("crm").hold(null, "operator");
  const send = vi.fn<Send>(async () => DONE);
  const made = quiet.make(send);
  await vi.waitUntil(() => waits.includes("destination"), BUSY_MACHINE);
  expect(send).not.toHaveBeenCalled();
  await queue.gate("crm").resume();
  // The flow comes back with the write's requests: until then nobody reads.
  await queue.gate("crm").hold(1, "operator");
  await vi.waitUntil(async () => (await queue.lane("crm").numbers()).gate.hold === null, BUSY_MACHINE);
  expect(send).not.toHaveBeenCalled();
  for (let flows = false; !flows;) {
    const granted = await queue.gate("crm").request({ requestsPerMinute: 6000, credentials: "", passMs: 1000 });
    if (!("pass" in granted) || granted.pass === null) break;
    flows = (await queue.gate("crm").report(granted.pass, "good")) === "flowing";
  }
  expect(await made).toBe(DONE);
});

test("behind a hold a request tries the destination itself where nothing is to be written", async () => {
  const { queue, quiet } = await open();
  await queue.gate("crm").hold(null, "operator");
  await queue.gate("crm").resume();
  expect((await queue.lane("crm").numbers()).gate.allowed).toBe(1);
  expect(await quiet.make(async () => DONE)).toBe(DONE);
  expect((await queue.lane("crm").numbers()).gate.allowed).toBe(2);
});

test("more records than the destination takes in a moment go first", async () => {
  const { queue, quiet, waits } = await open();
  await admit(queue, 60);
  const send = vi.fn<Send>(async () => DONE);
  const made = quiet.make(send);
  await vi.waitUntil(() => waits.filter((why) => why === "destination").length > 2, BUSY_MACHINE);
  expect(send).not.toHaveBeenCalled();
  for (let at = 0; at < 60; at += 1) {
    await queue.lane("crm").records.park("customer", { by: "external_id", value: `c-${at}` });
  }
  expect(await made).toBe(DONE);
});

test("a quota that is used up holds the destination for everybody, and the request waits for it", async () => {
  const over = new AbortController();
  const { queue, quiet } = await open(over.signal);
  const send = vi.fn<Send>(async () => answered({ kind: "slow", code: "c", message: "m", forMs: 60_000 }));
  const made = quiet.make(send);
  await vi.waitUntil(async () => (await queue.lane("crm").numbers()).gate.hold !== null, BUSY_MACHINE);
  expect((await queue.lane("crm").numbers()).gate.hold).toMatchObject({ reason: "rate_limit" });
  expect(send).toHaveBeenCalledTimes(1);
  over.abort();
  expect(await made).toBeNull();
});

test("requests keep to a quarter of the quota, however fast they are answered", async () => {
  const { quiet } = await open();
  const sentMs: number[] = [];
  const send = async (): Promise<typeof DONE> => {
    sentMs.push(performance.now());
    return DONE;
  };
  for (let at = 0; at < 8; at += 1) await quiet.make(send);
  // 6,000 a minute are the quota: 1,500 of them are one in 40 ms. A send begins a moment after its leave, the first one too.
  expect(sentMs.at(-1)! - sentMs[0]!).toBeGreaterThan(7 * 40 - 20);
});

test("a destination that can't be read is told, with its own words; one that is over makes no request", async () => {
  const { quiet } = await open();
  const refusal = answered({ kind: "credentials", code: "status_401", message: "who are you?", againMs: null });
  await expect(quiet.make(async () => refusal)).rejects.toMatchObject({
    code: "destination_unread",
    message: "crm could not be read: status_401: who are you?",
  });
  const over = await open(AbortSignal.abort());
  expect(await over.quiet.make(async () => DONE)).toBeNull();
});
