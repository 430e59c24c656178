import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock, Database, Log } from "@sluice/runtime";
import { ANSWERS, LIMITS as CONTRACT_LIMITS, RULINGS, Refusal, type JobResult } from "@sluice/zendesk";
import type { PageRows } from "../paging/page.ts";
import { LIMITS } from "../limits.ts";
import { jobLedger, type JobLedger } from "./job-ledger.ts";
import { messageOf, type JobRow } from "./job-row.ts";

/** How long a job takes to begin and to end, beyond its own work: the vendor's jobs take their time. */
export type JobPace = { readonly queuedMs: number; readonly workingMs: number };

export type JobsOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Without a pace a job is finished when it is answered. */
  readonly pace?: JobPace | undefined;
};

/** Bulk jobs: accepted, carried out, and kept to be asked for. */
export type Jobs = {
  /**
   * Carries the work out, at once or at the store's pace.
   * @throws Refusal 429 TooManyJobs
   */
  submit(total: number, work: () => Promise<JobResult[]>): Promise<JobRow>;
  /** The known jobs among these ids. */
  find(ids: readonly string[]): Promise<JobRow[]>;
  list(page: Parameters<JobLedger["list"]>[0]): Promise<PageRows<JobRow>>;
  /** Jobs of this process that are not finished. */
  readonly live: number;
  /** The most jobs that were live at once, and the number of jobs that were refused because no more were allowed. */
  readonly mostLive: number;
  readonly refused: number;
  /** Ends the waits and waits for the work. */
  close(): Promise<void>;
};

export function jobsOf({ database, clock, log, pace }: JobsOptions): Jobs {
  const ledger = jobLedger(database);
  const live = new Map<string, Promise<void>>();
  const closing = new AbortController();
  let submitted = 0;
  let mostLive = 0;
  let refused = 0;

  const forgetSometimes = () => {
    submitted += 1;
    if (submitted % LIMITS.jobsBetweenForgetting !== 0) return;
    ledger.forget(clock.nowMs()).catch((err: unknown) => log.warn({ err }, "old jobs were not forgotten"));
  };

  return {
    async submit(total, work) {
      forgetSometimes();
      const id = newJobId(clock.nowMs());
      if (pace === undefined) {
        const row = finished(id, await work(), clock.nowMs());
        await ledger.add(row, { createdAtMs: clock.nowMs(), leaseUntilMs: null });
        return row;
      }
      if (live.size >= CONTRACT_LIMITS.liveJobs) {
        refused += 1;
        throw new Refusal(ANSWERS.tooManyJobs([...live.keys()]));
      }
      const row: JobRow = { id, status: "queued", total, progress: null, message: null, results: null };
      // The job's place is taken before anything is waited for, so that there are never more than the limit.
      let begin = () => {};
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const run = begun
        .then(() => atPace({ ledger, clock, pace, signal: closing.signal }, row, work))
        .catch((err: unknown) => log.error({ err, job: id }, "a job was left unfinished"))
        .finally(() => live.delete(id));
      live.set(id, run);
      mostLive = Math.max(mostLive, live.size);
      try {
        await ledger.add(row, { createdAtMs: clock.nowMs(), leaseUntilMs: clock.nowMs() + LIMITS.jobLeaseMs });
      } catch (error) {
        live.delete(id);
        throw error;
      }
      begin();
      return row;
    },
    find: (ids) => ledger.find(ids, clock.nowMs()),
    list: (page) => ledger.list(page, clock.nowMs()),
    get live() {
      return live.size;
    },
    get mostLive() {
      return mostLive;
    },
    get refused() {
      return refused;
    },
    async close() {
      closing.abort();
      await Promise.all(live.values());
    },
  };
}

type Pacing = {
  readonly ledger: JobLedger;
  readonly clock: Clock;
  readonly pace: JobPace;
  readonly signal: AbortSignal;
};

/** Takes a job through queued, working and finished; the lease is kept up while the job is alive. */
async function atPace(
  { ledger, clock, pace, signal }: Pacing,
  row: JobRow,
  work: () => Promise<JobResult[]>,
): Promise<void> {
  const leaseUntil = () => clock.nowMs() + LIMITS.jobLeaseMs;
  const wait = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
  const alive = setInterval(() => void ledger.renew([row.id], leaseUntil()).catch(() => {}), LIMITS.jobLeaseMs / 3);
  alive.unref();
  try {
    await wait(pace.queuedMs);
    await ledger.change({ ...row, status: "working", progress: 0 }, leaseUntil());
    await wait(pace.workingMs);
    await ledger.change(finished(row.id, await work(), clock.nowMs()), null);
  } catch (error) {
    await ledger.change({ ...row, status: "failed", message: messageOf("failed", clock.nowMs()) }, null);
    throw error;
  } finally {
    clearInterval(alive);
  }
}

function finished(id: string, results: JobResult[], atMs: number): JobRow {
  const total = results.length;
  return { id, status: "completed", total, progress: total, message: messageOf("completed", atMs), results };
}

/** A job's id begins with the time, so that ids sort by it. */
function newJobId(nowMs: number): string {
  return RULINGS.jobIdPrefix + nowMs.toString(16).padStart(12, "0") + randomBytes(10).toString("hex");
}
