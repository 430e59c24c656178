import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { expect, inject, onTestFinished, test } from "vitest";
import { CONFIGURATION, startFleet } from "../fleet.ts";
import { upserted } from "../upserted.ts";
import { spawnWorker } from "../worker-process.ts";

const BOUND = 5;
const RECORDS = 400;

/** A destination that takes its time, and counts the requests that are under way. */
async function openSlowDestination() {
  const seen = { now: 0, most: 0, written: 0 };
  const server = createServer((request, response) => {
    seen.now += 1;
    seen.most = Math.max(seen.most, seen.now);
    // A request whose worker was killed is over for its destination, too.
    response.once("close", () => (seen.now -= 1));
    request.resume().once("end", () => {
      setTimeout(
        () => {
          seen.written += 1;
          response.writeHead(200, { "content-type": "application/json" }).end(upserted(request.url));
        },
        20 + (seen.written % 5) * 10,
      );
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => server.close().closeAllConnections());
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("three workers never have more requests in flight than the fleet may, also when one is killed, and its permits come back", async () => {
  const { seen, url } = await openSlowDestination();
  const text = CONFIGURATION.replace("${RECORDS_URL}", url).replace(
    /^ +concurrency: 4$/m,
    `$&\n    max_in_flight: ${BOUND}\n    batch: 1\n    timeout: 2s\n    settle_after_silence: 3s`,
  );
  const fleet = await startFleet({ workers: 0, text });
  onTestFinished(async () => await fleet.close());
  const sent = Array.from({ length: RECORDS }, async (_, id) => {
    const data = { id, name: `Customer ${id}`, version: "2026-11-24T08:00:00Z", tier: "gold" };
    return await fleet.store({ id: `evt-${id}`, type: "customer.updated", data });
  });
  for (const { status } of await Promise.all(sent)) expect(status).toBe(202);
  const workers = await Promise.all([1, 2, 3].map(async () => await spawnWorker(fleet, inject("redisUrl"))));
  onTestFinished(() => workers.forEach((worker) => void worker.kill("SIGKILL")));
  await expect.poll(() => seen.written, { interval: 5 }).toBeGreaterThan(RECORDS / 4);
  workers[0]!.kill("SIGKILL");
  const { outcomes } = await fleet.drained();
  expect(outcomes).toMatchObject({ applied: RECORDS, dead: 0 });
  expect(seen.most).toBe(BOUND);

  const redis = new Redis(inject("redisUrl"));
  onTestFinished(() => redis.disconnect());
  // Permits of the killed worker end by themselves, the others are given back.
  const held = async (): Promise<number> => {
    const now = Date.now();
    return await redis.zcount(`{${fleet.namespace}:crm}:requests`, now, "+inf");
  };
  await expect.poll(held, { timeout: 10_000 }).toBe(0);
});
