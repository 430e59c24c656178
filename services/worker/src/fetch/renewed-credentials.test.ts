import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, inject, onTestFinished, test } from "vitest";
import { openQueue, type LaneNumbers } from "@sluice/queue";
import { mapEvent } from "@sluice/record";
import { createLog, laneNames, readConfiguration, systemClock, type Configuration } from "@sluice/runtime";
import { startWorker } from "../worker.ts";

test("fetches that were held for their credentials flow again with the next ones, without a restart", async () => {
  const sent: (string | undefined)[] = [];
  const api = createServer((request, response) => {
    sent.push(request.headers.authorization);
    if (request.headers.authorization === "Bearer renewed") response.end(JSON.stringify({ id: "7", tier: "gold" }));
    else response.writeHead(401).end();
  }).listen(0, "127.0.0.1");
  await once(api, "listening");
  onTestFinished(() => void api.close());
  const withToken = (token: string): Configuration =>
    readConfiguration(
      `
sources:
  thin:
    scheme: generic-hmac
    secrets: [hush-hush]
    fetch:
      url: "http://127.0.0.1:${(api.address() as AddressInfo).port}/{{data.id}}"
      auth: { bearer: ${token} }
    records: [{ destination: crm, object: customer, external_id: data.id, fields: { tier: data.tier } }]
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: none } }
`,
      { path: "sluice.yaml", env: {} },
    );
  const configuration = withToken("ended");
  const namespace = `renewed-${randomUUID()}`;
  const redisUrl = inject("redisUrl");
  const queue = await openQueue({
    redisUrl,
    kind: "worker",
    destinations: laneNames(configuration),
    dedupeWindowMs: 60_000,
    orderingHorizonMs: 60_000,
    namespace,
    onError() {},
  });
  onTestFinished(async () => await queue.close());
  const log = createLog({ role: "test", level: "silent" });
  const worker = await startWorker({ configuration, redisUrl, port: 0, clock: systemClock, log, namespace });
  onTestFinished(async () => await worker.close(1000));
  const until = async (holds: (numbers: LaneNumbers) => boolean): Promise<void> => {
    const end = performance.now() + 20_000;
    for (;;) {
      const numbers = await queue.lane("fetch:thin").numbers();
      if (holds(numbers)) return;
      if (performance.now() > end) throw new Error(`never so: ${holds.toString()}, ${JSON.stringify(numbers.gate)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  const source = configuration.sources.get("thin")!;
  const event = { id: "e-1", type: "changed", time: null, source: "thin", data: { id: "7" }, headers: {} };
  const arrival = { micros: Date.now() * 1000, session: 1 };
  const context = { rank: 0, mappings: source.mappings, arrival, run: 0, versionSkewMs: 60_000 };
  await queue.merging.merge([await mapEvent(event, context)]);
  await until(({ gate }) => gate.hold?.reason === "credentials");
  worker.use(withToken("renewed"));
  await until(({ outcomes }) => outcomes.get("applied")?.get("thin") === 1);
  expect(sent).toEqual(["Bearer ended", "Bearer renewed"]);
});
