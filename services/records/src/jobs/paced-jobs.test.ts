import { createLog, type Database } from "@sluice/runtime";
import type { JobResult, JobStatus } from "@sluice/zendesk";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { LIMITS } from "../limits.ts";
import { steppingClock, storeUnderTest, type StoreUnderTest } from "../under-test.ts";
import { jobsOf, type JobPace, type Jobs } from "./jobs.ts";

const log = createLog({ role: "records", level: "silent" });
const clock = steppingClock();
const RESULTS: JobResult[] = [{ index: 0, id: "x", status: "Created" }];
/** Longer than any test: `close` ends a wait of this length. */
const LONG_MS = 3_600_000;
/** For waits that end at once, on a machine that has much else to do. */
const PATIENCE = { timeout: 60_000, interval: 10 };

let store: StoreUnderTest;
const opened: Jobs[] = [];
beforeAll(async () => {
  store = await storeUnderTest({ clock });
});
afterAll(async () => {
  for (const jobs of opened) await jobs.close();
  await store.close();
});

function jobsAt(pace: JobPace, database: Database = store.database): Jobs {
  const jobs = jobsOf({ database, clock, log, pace });
  opened.push(jobs);
  return jobs;
}
const statusOf = async (jobs: Jobs, id: string): Promise<JobStatus["status"] | undefined> =>
  (await jobs.find([id]))[0]?.status;

test("a job at a pace is queued, then working, then completed, and its work is done in between", async () => {
  const jobs = jobsAt({ queuedMs: 0, workingMs: LONG_MS });
  let done = false;
  const row = await jobs.submit(1, async () => {
    done = true;
    return RESULTS;
  });
  expect(row).toMatchObject({ status: "queued", total: 1, progress: null, results: null });
  await vi.waitFor(async () => expect(await statusOf(jobs, row.id)).toBe("working"), PATIENCE);
  expect([done, jobs.live]).toEqual([false, 1]);
  await jobs.close();
  expect((await jobs.find([row.id]))[0]).toMatchObject({ status: "completed", progress: 1, results: RESULTS });
  expect([done, jobs.live]).toEqual([true, 0]);
});

test("a job whose work can't be done has failed", async () => {
  const jobs = jobsAt({ queuedMs: 0, workingMs: 0 });
  const { id } = await jobs.submit(1, () => Promise.reject(new Error("the database went away")));
  await vi.waitFor(async () => expect(await statusOf(jobs, id)).toBe("failed"), PATIENCE);
});

test("thirty jobs may be live, and not one more", async () => {
  const jobs = jobsAt({ queuedMs: LONG_MS, workingMs: 0 });
  const submit = () => jobs.submit(1, async () => RESULTS);
  const ended = await Promise.allSettled(Array.from({ length: 31 }, submit));
  const refused = ended.filter(({ status }) => status === "rejected");
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatchObject({
    reason: { answer: { status: 429, retryAfterSeconds: 60, body: { error: "TooManyJobs" } } },
  });
  await jobs.close();
  await submit();
});

test("a job whose process is gone has failed for whoever asks, and never works for ever", async () => {
  const gone = jobsAt({ queuedMs: 0, workingMs: LONG_MS });
  const { id } = await gone.submit(1, async () => RESULTS);
  await vi.waitFor(async () => expect(await statusOf(gone, id)).toBe("working"), PATIENCE);
  const restarted = jobsAt({ queuedMs: 0, workingMs: 0 });
  expect(await statusOf(restarted, id)).toBe("working");
  clock.advance(LIMITS.jobLeaseMs + 1);
  expect(await statusOf(restarted, id)).toBe("failed");
  // If the process was slow rather than gone, the status that was told stays.
  await gone.close();
  expect(await statusOf(restarted, id)).toBe("failed");
});

test("finished jobs are forgotten after an hour", async () => {
  const jobs = jobsOf({ database: store.database, clock, log });
  const { id } = await jobs.submit(1, async () => RESULTS);
  clock.advance(3_600_001);
  for (let index = 0; index <= LIMITS.jobsBetweenForgetting; index += 1) await jobs.submit(1, async () => RESULTS);
  await vi.waitFor(async () => expect(await jobs.find([id])).toEqual([]), PATIENCE);
});

test("the list of jobs is walked forwards and backwards, the newest first", async () => {
  const jobs = jobsOf({ database: store.database, clock, log });
  const ids: string[] = [];
  for (let index = 0; index < 3; index += 1) {
    clock.advance(1);
    ids.unshift((await jobs.submit(1, async () => RESULTS)).id);
  }
  const listed = async (page: Parameters<Jobs["list"]>[0]) => (await jobs.list(page)).rows.map(({ id }) => id);
  expect(await listed({ size: 2 })).toEqual(ids.slice(0, 2));
  expect((await listed({ size: 2, after: { value: "", id: ids[1]! } }))[0]).toBe(ids[2]);
  expect(await jobs.list({ size: 2, before: { value: "", id: ids[2]! } })).toMatchObject({
    rows: [{ id: ids[0] }, { id: ids[1] }],
    hasMore: false,
  });
});
