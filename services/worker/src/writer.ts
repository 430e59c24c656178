import { isUnchanged, type Claim, type JobPlaces } from "@sluice/queue";
import type { Verdict } from "@sluice/record";
import type { Destination, Exchange, JobExchange, Jobs, Write } from "./destination.ts";
import type { Grant } from "./dispatch.ts";
import type { JobFollower } from "./follow.ts";
import { inPlace } from "./job-place.ts";
import type { Outcomes } from "./outcome.ts";
import { plan, sendOf, writesOf, type Send } from "./plan.ts";
import type { Requests } from "./request.ts";

export type WriterOptions = {
  readonly destination: Destination;
  readonly requests: Requests;
  readonly outcomes: Outcomes;
  readonly follower: JobFollower;
  /** Of the whole fleet, for jobs. */
  readonly places: JobPlaces;
  /** Records in one job, at most. */
  readonly batch: number;
  /** No request starts on a lease that has less than this left. */
  readonly minLeaseLeftMs: number;
  readonly signal: AbortSignal;
  readonly onError: (error: Error) => void;
};

/**
 * Writes what claims hold, one record in a request or many in a job. Every path ends in settle, wait or bury: a claim that is
 * merely dropped comes back when its lease ends.
 */
export type Writer = {
  /** Records that one request can carry now. */
  batch(): number;
  /** Starts the requests that the claims need. Each promise resolves, and never rejects, when its request is over. */
  start(claims: readonly Claim[], grant: Grant): readonly Promise<void>[];
};

export function createWriter(options: WriterOptions): Writer {
  const { destination, requests, outcomes, follower, places, signal, minLeaseLeftMs } = options;
  const groupOf = (write: Write): string | null => destination.jobs?.groupOf(write) ?? null;
  let takesJobs = destination.jobs !== undefined;

  /** What is refused as a whole because of one of its records is halved until that one stands alone. */
  async function send(planned: Send, pass: string | undefined): Promise<void> {
    const live = await withLease(writesOf(planned));
    if (live.length === 0) return;
    const [first] = live;
    const { jobs } = destination;
    if (live.length === 1 || jobs === undefined) await sendSingle(first!, pass);
    else await sendJob(live, jobs, pass);
  }

  async function sendSingle(write: Write, pass: string | undefined): Promise<void> {
    const kind = destination.counted ?? (write.effect === "delete" ? "delete" : "upsert");
    let verdict: Verdict | undefined;
    const sent = await requests.make(
      { kind, records: 1, pass },
      async () => ({ exchange: await destination.write(write, signal) }),
      (exchange) => (verdict = outcomes.verdictOf(write, exchange, pass !== undefined)),
    );
    if (sent === null || verdict === undefined) await outcomes.giveBack([write.claim]);
    else await outcomes.carryOut(write, sent.exchange, verdict, pass !== undefined);
  }

  async function sendJob(writes: readonly Write[], jobs: Jobs, pass: string | undefined): Promise<void> {
    const place = await places.enter();
    // Other processes were faster. What is due is claimed again when a job has ended.
    if (place === null) {
      if (pass !== undefined) await requests.giveBack(pass);
      return await outcomes.giveBack(writes.map(({ claim }) => claim));
    }
    const sent = await requests.make(
      { kind: "job", records: writes.length, pass },
      async () => await inPlace(place, async () => await jobs.start(writes, signal)),
      (exchange) => outcomes.verdictOf(writes[0]!, exchange),
    );
    if (sent === null) return await outcomes.giveBack(writes.map(({ claim }) => claim));
    await conclude(writes, sent, pass !== undefined);
  }

  async function conclude(writes: readonly Write[], { exchange, job }: JobExchange, probing: boolean): Promise<void> {
    switch (job.kind) {
      case "done":
        return await carryOutAll(writes, job.items, probing);
      case "running":
        follower.follow(writes, job.job, async (items) => await carryOutAll(writes, items, probing));
        return;
      case "refused":
        if (isWithoutJobs(exchange)) {
          takesJobs = false;
          await outcomes.giveBack(writes.map(({ claim }) => claim));
        } else if (isForOneOfThem(exchange)) await halve(writes);
        else await outcomes.carryOutAlike(writes, exchange, probing);
    }
  }

  async function halve(writes: readonly Write[]): Promise<void> {
    const middle = Math.ceil(writes.length / 2);
    for (const half of [writes.slice(0, middle), writes.slice(middle)]) {
      const untilMs = Math.min(...half.map(({ claim }) => claim.leaseEndsAt)) - minLeaseLeftMs;
      const granted = await requests.grant(untilMs);
      if (granted === null) await outcomes.giveBack(half.map(({ claim }) => claim));
      else await send(sendOf(half), granted.pass);
    }
  }

  async function carryOutAll(writes: readonly Write[], items: readonly Exchange[], probing: boolean): Promise<void> {
    await Promise.all(
      writes.map(async (write, index) => {
        const exchange = items[index]!;
        await outcomes.carryOut(write, exchange, outcomes.verdictOf(write, exchange, probing), probing);
      }),
    );
  }

  /** Of the others another worker may soon be the owner. */
  async function withLease(writes: readonly Write[]): Promise<readonly Write[]> {
    const isLate = ({ claim }: Write): boolean =>
      signal.aborted || claim.leaseEndsAt - performance.now() < minLeaseLeftMs;
    const late = writes.filter(isLate);
    if (late.length > 0) await outcomes.giveBack(late.map(({ claim }) => claim));
    return late.length === 0 ? writes : writes.filter((write) => !late.includes(write));
  }

  return {
    batch: () => (takesJobs ? options.batch : 1),

    start(claims, grant) {
      const guarded = async (work: Promise<void>): Promise<void> =>
        await work.catch((error: unknown) =>
          options.onError(error instanceof Error ? error : new Error(String(error))),
        );
      const writes: Write[] = [];
      for (const claim of claims) {
        const { deletion, fields } = claim.snapshot;
        if (deletion !== null) writes.push({ effect: "delete", claim });
        else if (fields.size > 0 && !isUnchanged(claim)) writes.push({ effect: "fields", claim });
        else void guarded(outcomes.settleUnsent(claim));
      }
      const { sends, left } = plan(writes, { requests: grant.requests, batch: options.batch, groupOf });
      if (left.length > 0) void guarded(outcomes.giveBack(left.map(({ claim }) => claim)));
      for (const pass of grant.passes.slice(sends.length)) void guarded(requests.giveBack(pass));
      return sends.map(async (each, index) => await guarded(send(each, grant.passes[index])));
    },
  };
}

/** It knows no bulk jobs: an older store, or an account without them. */
function isWithoutJobs({ answer }: Exchange): boolean {
  return answer.kind === "reply" && answer.status === 404 && answer.errorCode === "InvalidEndpoint";
}

/** The answers that DESIGN §4 blames on a record's change. A 404 is the object's: it would be said of every record. */
function isForOneOfThem({ answer }: Exchange): boolean {
  return answer.kind === "reply" && [400, 413, 422].includes(answer.status) && answer.errorCode !== "TooManyJobs";
}
