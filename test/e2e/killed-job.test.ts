import { afterEach, expect, inject, test } from "vitest";
import { startFleet, type Fleet } from "../fleet.ts";
import { spawnWorker } from "../worker-process.ts";

let fleet: Fleet;
afterEach(async () => await fleet.close());

test("a worker that is killed while its jobs run loses nothing", async () => {
  fleet = await startFleet({
    workers: 0,
    standIn: { plan: "enterprise-plus", jobQueuedMs: 600, jobWorkingMs: 600 },
    // A lease is longer than a job: the job is followed.
    destination: "    timeout: 2s\n    settle_after_silence: 6s",
  });
  const send = async (tier: string, version: number): Promise<void> => {
    const sent = Array.from({ length: 60 }, async (_, id) => {
      const data = { id, name: `Customer ${id}`, version: `2026-11-24T08:00:0${version}Z`, tier };
      return await fleet.store({ id: `${tier}-${id}`, type: "customer.updated", data });
    });
    for (const { status } of await Promise.all(sent)) expect(status).toBe(202);
  };
  // Records that wait before the first worker comes go out in jobs.
  await send("old", 1);
  const worker = await spawnWorker(fleet, inject("redisUrl"));
  const jobs = async (): Promise<number> => (await fleet.control("GET", "")).requests.asked["POST jobs"] ?? 0;
  while ((await jobs()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  worker.kill("SIGKILL");
  await send("new", 2);
  await fleet.addWorker();
  const { outcomes } = await fleet.drained();
  expect(outcomes).toMatchObject({ dead: 0 });
  expect(Object.values(outcomes).reduce((sum, count) => sum + count)).toBe(120);
  const records = await fleet.recordsOf("customer");
  expect(records).toHaveLength(60);
  expect(new Set(records.map((record) => record.custom_object_fields["tier"]))).toEqual(new Set(["new"]));
});
