import { expect, test } from "vitest";
import { keepAcknowledged, type AcknowledgedJobs } from "./acknowledged.ts";

const KEEP_MS = 10_000;
const MAX_BYTES = 1000;

/** Jobs that were acknowledged at these times (ms), of so many bytes each. */
function kept(times: readonly number[], bytes = 10): AcknowledgedJobs<"webhooks"> {
  let now = 0;
  const jobs = keepAcknowledged<"webhooks">({ keepMs: KEEP_MS, maxBytes: MAX_BYTES }, () => now);
  for (const [index, time] of times.entries()) {
    now = time;
    jobs.keep({ number: index + 1, queue: "webhooks", value: `job ${index + 1}`, bytes, webhooks: 1, last: time });
  }
  return jobs;
}
const numbers = (jobs: AcknowledgedJobs<"webhooks">, since = 1): readonly number[] =>
  jobs.takeSince(since).map(({ number }) => number);

test("a door holds what it acknowledged within ten seconds before its last acknowledgement, and an outage makes that no shorter", () => {
  expect(numbers(kept([0, 4000, 10_000]))).toEqual([1, 2, 3]);
  expect(numbers(kept([0, 4000, 10_001, 13_000]))).toEqual([2, 3, 4]);
  expect(numbers(kept([0, 60_000]))).toEqual([2]);
});

test("a door holds so many bytes, and the latest ones", () => {
  expect(numbers(kept([0, 1, 2, 3, 4], 300))).toEqual([3, 4, 5]);
});

test("a job that was taken to be added again is held no more: what comes of it is", () => {
  const jobs = kept([0, 1, 2]);
  expect(numbers(jobs, 2)).toEqual([2, 3]);
  expect(numbers(jobs)).toEqual([1]);
});

test("its bytes are counted on behind jobs that were taken", () => {
  const jobs = kept([0, 1, 2], 300);
  expect(numbers(jobs, 2)).toEqual([2, 3]);
  for (const number of [4, 5, 6]) jobs.keep({ number, queue: "webhooks", value: "", bytes: 300, webhooks: 1, last: 3 });
  expect(numbers(jobs)).toEqual([4, 5, 6]);
});

test("of many jobs, most of which are too old, those of the last ten seconds are held", () => {
  const times = Array.from({ length: 40 }, (_, at) => at * 1000);
  expect(numbers(kept(times))).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
});

test("the jobs from a number on come in their order, also where they were acknowledged in another one", () => {
  const jobs = kept([0, 1, 2]);
  jobs.keep({ number: 9, queue: "webhooks", value: "", bytes: 1, webhooks: 1, last: 3 });
  jobs.keep({ number: 8, queue: "webhooks", value: "", bytes: 1, webhooks: 1, last: 3 });
  expect(numbers(jobs, 3)).toEqual([3, 8, 9]);
});
