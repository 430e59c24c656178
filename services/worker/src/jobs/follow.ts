import { setTimeout as wait } from "node:timers/promises";
import type { Lane } from "@sluice/queue";
import type { Verdict } from "@sluice/record";
import type { Exchange, JobExchange, RunningJob } from "@sluice/destination";
import type { ClaimedWrite } from "../writes/write.ts";
import { JOB_DEADLINE_MS, JOB_FIRST_LOOK_MS, JOB_LONGEST_LOOK_MS, JOB_READS_AT_MOST } from "../limits.ts";
import { createJobPolls } from "./job-polls.ts";
import type { Requests } from "../requests/request.ts";

/** Looks after jobs that the destination is still working on. */
export type JobFollower = {
  /**
   * Keeps the leases of the job's records and looks at the job until it ends, then calls `end` with an answer for each write. When
   * this process stops before, the next worker that claims the records follows the job; when it dies, once the leases have run out.
   */
  follow(writes: readonly ClaimedWrite[], job: RunningJob, end: (items: readonly Exchange[]) => Promise<void>): void;
  close(): Promise<void>;
};

export type FollowerOptions = {
  readonly lane: Lane;
  readonly leaseMs: () => number;
  readonly requests: Requests;
  readonly judge: (write: ClaimedWrite, exchange: Exchange) => Verdict;
  readonly onError: (error: Error) => void;
};

export function createJobFollower({ lane, leaseMs, requests, judge, onError }: FollowerOptions): JobFollower {
  const followed = new Set<Promise<void>>();
  const stop = new AbortController();
  const polls = createJobPolls({ lane, leaseMs, requests, judge, signal: stop.signal });

  async function follow(
    writes: readonly ClaimedWrite[],
    running: RunningJob,
    end: (items: readonly Exchange[]) => Promise<void>,
  ): Promise<void> {
    const deadline = performance.now() + JOB_DEADLINE_MS;
    let job = running;
    let failed = 0;
    const claims = writes.map(({ claim }) => claim);
    // The records of a job that was taken over have their places in it already.
    if (job.name !== null && claims.every((claim) => claim.job === null))
      await lane.extend(claims, leaseMs(), job.name);
    for (
      let pauseMs = JOB_FIRST_LOOK_MS;
      !stop.signal.aborted;
      pauseMs = Math.min(pauseMs * 1.5, JOB_LONGEST_LOOK_MS)
    ) {
      const pause = wait(Math.min(pauseMs, leaseMs() / 3), undefined, { signal: stop.signal }).catch(() => {});
      await Promise.race([pause, job.over]);
      const unreadable = failed >= JOB_READS_AT_MOST || performance.now() > deadline;
      const seen = await (unreadable
        ? ask(writes, async () => await job.readBack(stop.signal))
        : ask(writes, async () => await job.look(stop.signal), job));
      if (seen === null) continue;
      if (seen.job.kind === "done") return await end(seen.job.items);
      if (seen.job.kind === "running") job = seen.job.job;
      const { kind, health } = judge(writes[0]!, seen.exchange);
      // A look that fails may be followed by one elsewhere, in the list of jobs; records that may not be read stay so.
      if (kind !== "settle" && kind !== "hold") failed += unreadable && health !== "bad" ? JOB_READS_AT_MOST : 1;
      // The records can't be read back either: they are written again, as after any silence.
      if (failed >= JOB_READS_AT_MOST * 2) return await end(Array.from(writes, () => UNREADABLE));
    }
    const handedOver = job.name !== null;
    await Promise.all(claims.map(async (claim) => await lane.wait(claim, 0, { spent: false, handedOver })));
  }

  /** One request, unless there is news of the job. */
  async function ask(
    writes: readonly ClaimedWrite[],
    send: () => Promise<JobExchange>,
    job?: RunningJob,
  ): Promise<JobExchange | null> {
    await polls.keep(writes);
    return (await job?.news()) ?? (await polls.ask(writes, send));
  }

  return {
    follow(writes, job, end) {
      const following: Promise<void> = follow(writes, job, end)
        .catch((error: unknown) => onError(error instanceof Error ? error : new Error(String(error))))
        .finally(() => followed.delete(following));
      followed.add(following);
    },
    async close() {
      stop.abort(new Error("the worker stops"));
      await Promise.allSettled(followed);
    },
  };
}

const UNREADABLE: Exchange = {
  answer: { kind: "unknown", code: "job_unreadable", message: "what came of the job can't be read" },
  status: "job_unreadable",
  shown: null,
};
