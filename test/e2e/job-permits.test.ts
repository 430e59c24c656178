import { afterEach, expect, inject, test } from "vitest";
import { startFleet, type Fleet } from "../fleet.ts";
import { spawnWorker } from "../worker-process.ts";

let fleet: Fleet;
afterEach(async () => await fleet.close());

test("three worker processes never have more jobs running than the account takes", async () => {
  fleet = await startFleet({
    workers: 0,
    standIn: { plan: "enterprise-plus", jobQueuedMs: 1000, jobWorkingMs: 2000, requestsPerMinute: 20_000 },
    // Jobs are small, so that many are wanted.
    destination: "    batch: 3",
  });
  const records = 150;
  const ids = Array.from({ length: records }, (_, id) => id);
  const sent = ids.map(async (id) => {
    const data = { id, name: `Customer ${id}`, version: "2026-11-24T08:00:00Z", tier: "gold" };
    return await fleet.store({ id: `evt-${id}`, type: "customer.updated", data });
  });
  for (const { status } of await Promise.all(sent)) expect(status).toBe(202);
  // Records that wait before the first worker comes go out in jobs.
  const workers = await Promise.all(
    Array.from({ length: 3 }, async () => await spawnWorker(fleet, inject("redisUrl"))),
  );
  // This worker is only there to read the fleet's numbers from.
  await fleet.addWorker();
  const { outcomes } = await fleet.drained();
  for (const worker of workers) worker.kill("SIGTERM");
  expect(outcomes).toMatchObject({ applied: records, dead: 0 });
  const { jobs, requests } = await fleet.control("GET", "");
  console.log(`${records} records: ${JSON.stringify(requests.asked)}, jobs ${JSON.stringify(jobs)}`);
  expect(jobs.mostLive).toBeGreaterThan(20);
  expect(jobs.mostLive).toBeLessThanOrEqual(30);
  expect(jobs.refused).toBe(0);
  // One look asks for all jobs of a process.
  // With a look of its own each job is looked at three times; on a busy machine jobs share fewer looks.
  expect(requests.asked["GET job_statuses"]).toBeLessThan(requests.asked["POST jobs"]! * 2);
  const found = await fleet.recordsOf("customer");
  expect(found).toHaveLength(records);
});
