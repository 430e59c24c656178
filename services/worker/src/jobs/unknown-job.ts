import { setTimeout as wait } from "node:timers/promises";
import type { Claim, Lane } from "@sluice/queue";
import type { Verdict } from "@sluice/record";
import type { Exchange, JobList, JobPage } from "@sluice/destination";
import { writeOf, type ClaimedWrite } from "../writes/write.ts";
import {
  JOB_DEADLINE_MS,
  JOB_FIRST_LOOK_MS,
  JOB_LONGEST_LOOK_MS,
  JOB_READS_AT_MOST,
  UNKNOWN_JOB_PAGES,
} from "../limits.ts";
import { createJobPolls } from "./job-polls.ts";
import type { Requests } from "../requests/request.ts";

/**
 * Jobs that were posted and whose ids nobody knows: the answer was lost or told no id, or their worker died before it could write
 * the id down. Such a job may run at any time. Its records are claimed when their leases end, when the job has long been queued, if it ever
 * was; the jobs that are unfinished then are remembered, and once all of them have ended the records are written again.
 */
export type UnknownJobs = {
  /** Announces a job before it is posted. @returns the writes that may go into it, with new leases */
  announce(writes: readonly ClaimedWrite[]): Promise<readonly ClaimedWrite[]>;
  /** Whether the record waits for such a job, and is not to be written. */
  mayCarry(claim: Claim): boolean;
  /** Keeps the records until no such job can be left. */
  outwait(claims: readonly Claim[]): void;
  close(): Promise<void>;
};

export type UnknownJobOptions = {
  readonly lane: Lane;
  /** The destination's list of jobs; undefined: it takes records one by one only, or lists no jobs, and only the lease's end tells. */
  readonly list: JobList | undefined;
  /** Whether the destination checks tokens: there a job that comes late does no harm. */
  readonly fences: () => boolean;
  readonly leaseMs: () => number;
  readonly requests: Requests;
  readonly judge: (write: ClaimedWrite, exchange: Exchange) => Verdict;
  /** Called when the records are written although the jobs could not be told to have ended. */
  readonly onGivenUp: (why: string, records: number) => void;
  readonly onError: (error: Error) => void;
};

type JobsTold = Exclude<JobPage["page"], "refused" | null>;
/** Why nothing is known of the jobs; `later`: nobody could ask, or not now. */
type Unseen = "refused" | "failed" | "later";
/** The ids of the jobs that have not ended. */
type Seen = readonly string[] | Unseen;

export function createUnknownJobs(options: UnknownJobOptions): UnknownJobs {
  const { lane, list, fences, leaseMs, onGivenUp, onError } = options;
  const waiting = new Set<Promise<void>>();
  const stop = new AbortController();
  const polls = createJobPolls({ ...options, signal: stop.signal });

  async function outwait(claims: readonly Claim[], jobs: JobList): Promise<void> {
    const writes = claims.map(writeOf);
    const deadline = performance.now() + JOB_DEADLINE_MS;
    let awaited: readonly string[] | null = null;
    let failed = 0;
    for (let pauseMs = JOB_FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 1.5, JOB_LONGEST_LOOK_MS)) {
      const seen: Seen = awaited === null ? await unfinished(writes, jobs) : await unfinishedOf(writes, jobs, awaited);
      if (stop.signal.aborted) break;
      if (typeof seen !== "string") {
        awaited = seen;
        failed = 0;
      } else if (seen === "failed") failed += 1;
      if (awaited?.length === 0) break;
      const isGivenUp = seen === "refused" || failed >= JOB_READS_AT_MOST || performance.now() > deadline;
      if (isGivenUp) {
        onGivenUp(typeof seen === "string" ? "they can't be listed" : "some have not ended", claims.length);
        break;
      }
      await wait(Math.min(pauseMs, leaseMs() / 3), undefined, { signal: stop.signal }).catch(() => {});
    }
    const posted = stop.signal.aborted ? "on" : "over";
    await Promise.all(claims.map(async (claim) => await lane.wait(claim, 0, { spent: false, posted })));
  }

  /** All jobs that have not ended. */
  async function unfinished(writes: readonly ClaimedWrite[], jobs: JobList): Promise<Seen> {
    const ids: string[] = [];
    let after: string | null = null;
    for (let page = 1; page <= UNKNOWN_JOB_PAGES; page += 1) {
      const told: JobsTold | Unseen = await ask(writes, async () => await jobs.page(after, stop.signal));
      if (typeof told === "string") return told;
      ids.push(...unfinishedIn(told));
      ({ after } = told);
      if (after === null) break;
    }
    return [...new Set(ids)];
  }

  /** The awaited jobs that have not ended. They are asked for by their ids: however many jobs came since, none is out of sight. */
  async function unfinishedOf(
    writes: readonly ClaimedWrite[],
    jobs: JobList,
    awaited: readonly string[],
  ): Promise<Seen> {
    const ids: string[] = [];
    for (let at = 0; at < awaited.length; at += jobs.idsAtOnce) {
      const asked = awaited.slice(at, at + jobs.idsAtOnce);
      const told = await ask(writes, async () => await jobs.of(asked, stop.signal));
      if (typeof told === "string") return told;
      ids.push(...unfinishedIn(told).filter((id) => asked.includes(id)));
    }
    return ids;
  }

  /** Makes one request and keeps the records' leases meanwhile. */
  async function ask(writes: readonly ClaimedWrite[], send: () => Promise<JobPage>): Promise<JobsTold | Unseen> {
    await polls.keep(writes);
    const told = await polls.ask(writes, send);
    if (told === null) return "later";
    if (told.page !== null) return told.page;
    return isHold(options.judge(writes[0]!, told.exchange)) ? "later" : "failed";
  }

  return {
    async announce(writes) {
      if (list === undefined || fences()) return writes;
      const claims = writes.map(({ claim }) => claim);
      const held = new Map((await lane.announceJob(claims, leaseMs())).map((claim) => [claim.id, claim]));
      return writes.flatMap((write) => {
        const claim = held.get(write.claim.id);
        return claim === undefined ? [] : [{ ...write, claim }];
      });
    },
    mayCarry: ({ posted, job }) => posted && job === null && list !== undefined && !fences(),
    outwait(claims) {
      if (list === undefined) return;
      const ended: Promise<void> = outwait(claims, list)
        .catch((error: unknown) => onError(error instanceof Error ? error : new Error(String(error))))
        .finally(() => waiting.delete(ended));
      waiting.add(ended);
    },
    async close() {
      stop.abort(new Error("the worker stops"));
      await Promise.allSettled(waiting);
    },
  };
}

function unfinishedIn({ jobs }: JobsTold): readonly string[] {
  return jobs.flatMap(({ id, hasEnded }) => (hasEnded ? [] : [id]));
}

/** A destination that is held for its quota or for credentials has not failed to list its jobs. */
function isHold({ kind }: Verdict): boolean {
  return kind === "hold";
}
