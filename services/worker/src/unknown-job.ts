import { setTimeout as wait } from "node:timers/promises";
import type { Claim, Lane } from "@sluice/queue";
import type { Verdict } from "@sluice/record";
import type { Exchange, Jobs, JobPage } from "@sluice/destination";
import { writeOf, type Write } from "./write.ts";
import {
  JOB_DEADLINE_MS,
  JOB_FIRST_LOOK_MS,
  JOB_LONGEST_LOOK_MS,
  JOB_READS_AT_MOST,
  UNKNOWN_JOB_PAGES,
} from "./limits.ts";
import { createLooks } from "./look.ts";
import type { Requests } from "./request.ts";

/**
 * Jobs that were posted and whose ids nobody knows: the answer was lost or told none, or their worker died before it could write
 * it down. Such a job may run at any time. Its records are claimed when their leases end, so when it has long been queued, if it ever
 * was; the jobs that are unfinished then are remembered, and once none of them is the records are written again.
 */
export type UnknownJobs = {
  /** Said before a job is posted. @returns the writes that may go into it, with new leases */
  announce(writes: readonly Write[]): Promise<readonly Write[]>;
  /** Whether the record waits for such a job, and is not to be written. */
  mayCarry(claim: Claim): boolean;
  /** Keeps the records until no such job can be left. */
  outwait(claims: readonly Claim[]): void;
  close(): Promise<void>;
};

export type UnknownJobOptions = {
  readonly lane: Lane;
  /** Undefined: the destination takes records one by one only, or lists no jobs; then the lease's end is all there is to go by. */
  readonly list: Jobs["list"];
  /** Where tokens are checked a job that comes late does no harm. */
  readonly fences: () => boolean;
  readonly leaseMs: () => number;
  readonly requests: Requests;
  readonly judge: (write: Write, exchange: Exchange) => Verdict;
  /** Called when the records are written although the jobs could not be told to have ended. */
  readonly onGivenUp: (why: string, records: number) => void;
  readonly onError: (error: Error) => void;
};

export function createUnknownJobs(options: UnknownJobOptions): UnknownJobs {
  const { lane, list, fences, leaseMs, onGivenUp, onError } = options;
  const waiting = new Set<Promise<void>>();
  const stop = new AbortController();
  const looks = createLooks({ ...options, signal: stop.signal });

  async function outwait(claims: readonly Claim[], listPage: NonNullable<Jobs["list"]>): Promise<void> {
    const writes = claims.map(writeOf);
    const deadline = performance.now() + JOB_DEADLINE_MS;
    let awaited: ReadonlySet<string> | null = null;
    let failed = 0;
    for (let pauseMs = JOB_FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 1.5, JOB_LONGEST_LOOK_MS)) {
      const seen = await walk(writes, awaited, listPage);
      if (stop.signal.aborted) break;
      if (seen instanceof Set) {
        awaited = seen;
        failed = 0;
      } else if (seen === "failed") failed += 1;
      if (awaited?.size === 0) break;
      const isGivenUp = seen === "refused" || failed >= JOB_READS_AT_MOST || performance.now() > deadline;
      if (isGivenUp) {
        onGivenUp(seen instanceof Set ? "some have not ended" : "they can't be listed", claims.length);
        break;
      }
      await wait(Math.min(pauseMs, leaseMs() / 3), undefined, { signal: stop.signal }).catch(() => {});
    }
    const posted = stop.signal.aborted ? "on" : "over";
    await Promise.all(claims.map(async (claim) => await lane.wait(claim, 0, { spent: false, posted })));
  }

  /** The jobs, of those that were unfinished before (null: of all), that still are; page by page, since each is a request. */
  async function walk(
    writes: readonly Write[],
    before: ReadonlySet<string> | null,
    listPage: NonNullable<Jobs["list"]>,
  ): Promise<ReadonlySet<string> | "refused" | "failed" | "later"> {
    const met = new Set<string>();
    const unfinished = new Set<string>();
    let after: string | null = null;
    for (let page = 1; page <= UNKNOWN_JOB_PAGES; page += 1) {
      await looks.keep(writes);
      const told: JobPage | null = await looks.ask(writes, async () => await listPage(after, stop.signal));
      if (told === null) return "later";
      if (told.page === "refused") return "refused";
      if (told.page === null) return isHold(options.judge(writes[0]!, told.exchange)) ? "later" : "failed";
      for (const { id, hasEnded } of told.page.jobs) {
        if (before !== null && !before.has(id)) continue;
        met.add(id);
        if (!hasEnded) unfinished.add(id);
      }
      ({ after } = told.page);
      if (after === null || met.size === before?.size) return unfinished;
    }
    // Behind the last page that is read they may go on.
    for (const id of before ?? []) if (!met.has(id)) unfinished.add(id);
    return unfinished;
  }

  return {
    async announce(writes) {
      if (list === undefined || fences()) return writes;
      const claims = writes.map(({ claim }) => claim);
      const held = new Map((await lane.announceJob(claims, leaseMs())).map((claim) => [claim.id, claim]));
      return writes.flatMap(({ effect, claim: { id } }) => {
        const claim = held.get(id);
        return claim === undefined ? [] : [{ effect, claim }];
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

/** A destination that is held for its quota or for credentials has not failed to list its jobs. */
function isHold({ kind }: Verdict): boolean {
  return kind === "hold";
}
