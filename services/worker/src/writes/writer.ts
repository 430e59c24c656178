import { isUnchanged, type Claim, type JobFlight, type JobPermits } from "@sluice/queue";
import type { Verdict } from "@sluice/record";
import type { Destination, Exchange, JobExchange, BulkJobs } from "@sluice/destination";
import { writeOf, type ClaimedWrite } from "./write.ts";
import type { Grant } from "../dispatch.ts";
import type { JobFollower } from "../jobs/follow.ts";
import type { HeldObjects } from "../requests/held-objects.ts";
import type { Trip } from "../history/flown-of.ts";
import { keeping, withPermit } from "../jobs/job-permit.ts";
import { LOST_FLIGHTS } from "../limits.ts";
import type { RequestKind } from "../metrics.ts";
import type { Outcomes } from "./outcome.ts";
import { plan } from "./plan.ts";
import type { Requests } from "../requests/request.ts";
import type { FlightSpans } from "../tracing/flight-span.ts";
import type { UnknownJobs } from "../jobs/unknown-job.ts";

export type WriterOptions = {
  readonly destination: Destination;
  readonly requests: Requests;
  readonly outcomes: Outcomes;
  readonly follower: JobFollower;
  readonly unknownJobs: UnknownJobs;
  /** The whole fleet's permits for jobs. */
  readonly permits: JobPermits;
  readonly objects: HeldObjects;
  /** Null: nothing is traced. */
  readonly spans: FlightSpans | null;
  /** Records in one job, at most. */
  readonly batch: number;
  /** No request starts on a lease that has less than this left. */
  readonly minLeaseLeftMs: number;
  readonly signal: AbortSignal;
  readonly onError: (error: Error) => void;
};

/**
 * Writes claimed records, one in a request or many in a job. Every path ends in settle, wait or bury: a claim that is
 * merely dropped comes back when its lease ends.
 */
export type Writer = {
  /** Records that one request can carry now. */
  batch(): number;
  /** Starts the requests that the claims need. Each promise resolves, and never rejects, when its request is over. */
  start(claims: readonly Claim[], grant: Grant): readonly Promise<void>[];
};

export function createWriter(options: WriterOptions): Writer {
  const { destination, requests, outcomes, follower, unknownJobs, permits, objects, signal, minLeaseLeftMs, spans } =
    options;
  const groupOf = (write: ClaimedWrite): string | null => destination.jobs?.groupOf(write) ?? null;
  let takesJobs = destination.jobs !== undefined;

  /** Sends a record or a job. A job that is refused as a whole because of one of its records is halved until that record stands alone. */
  async function send(planned: readonly ClaimedWrite[], pass: string | undefined): Promise<void> {
    const live = await withLease(planned);
    if (live.length === 0) return pass === undefined ? undefined : await requests.giveBack(pass);
    const [first] = live;
    const { jobs } = destination;
    if (live.length === 1 || jobs === undefined) {
      const kind = destination.counted ?? (first!.effect === "delete" ? "delete" : "upsert");
      await traced(kind, [first!], async ([write]) => await sendSingle(kind, write!, pass));
    } else await traced("job", live, async (writes) => await sendJob(writes, jobs, pass));
  }

  /** Sends within a span of the flight, where one of the changes is in a trace. */
  async function traced(
    kind: string,
    writes: readonly ClaimedWrite[],
    work: (writes: readonly ClaimedWrite[]) => Promise<void>,
  ): Promise<void> {
    if (spans === null) return await work(writes);
    const claims = writes.map(({ claim }) => claim);
    const flight = spans.begin(kind, claims);
    if (flight === null) return await work(writes);
    try {
      await work(writes.map((write) => ({ ...write, flight })));
    } catch (error) {
      flight.end(["fault"]);
      throw error;
    }
  }

  /** Sends, and catches faults of our own: they end an attempt, not the worker, and not the record's way. */
  async function tried(planned: readonly ClaimedWrite[], pass: string | undefined): Promise<void> {
    try {
      await send(planned, pass);
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      options.onError(fault);
      await outcomes.fail(planned, fault);
    }
  }

  /** Follows a job whose worker stopped or died. The records of a job that can't be followed are written again. */
  async function resume(claims: readonly Claim[]): Promise<void> {
    const writes = claims.map(writeOf);
    const [{ job: name, of }] = claims.map(({ job }) => job!) as [JobFlight, ...JobFlight[]];
    const standing = claims.map(({ job }) => job!.place);
    const job = destination.jobs?.resume(name, writes, standing, of) ?? null;
    if (job === null) return await outcomes.cutOff(claims);
    // The former worker's permit ends by itself; where all are taken the job runs all the same.
    const permit = await permits.take();
    const followed = permit === null ? job : keeping(permit, job);
    follower.follow(writes, followed, async (items) => await carryOutAll(writes, items, false, null));
  }

  async function sendSingle(kind: RequestKind, write: ClaimedWrite, pass: string | undefined): Promise<void> {
    const { flight } = write;
    let verdict: Verdict | undefined;
    const tripOf = trip(1);
    const sent = await requests.make(
      { kind, records: 1, pass },
      async () => ({ exchange: await destination.write(write, signal, flight?.depart()) }),
      (exchange) => (verdict = outcomes.verdictOf(write, exchange, pass !== undefined)),
    );
    if (sent === null || verdict === undefined) {
      await outcomes.cutOff([write.claim]);
      flight?.end(["cut_off"]);
      return;
    }
    flight?.arrive(sent.exchange.status);
    await outcomes.carryOut(write, sent.exchange, verdict, pass !== undefined, tripOf(null));
    flight?.end([verdict.kind]);
  }

  async function sendJob(planned: readonly ClaimedWrite[], jobs: BulkJobs, pass: string | undefined): Promise<void> {
    const permit = await permits.take();
    // Other processes were faster. The records are claimed again when a job has ended.
    if (permit === null) {
      if (pass !== undefined) await requests.giveBack(pass);
      return await outcomes.giveBack(planned.map(({ claim }) => claim));
    }
    const writes = await unknownJobs.announce(planned);
    if (writes.length === 0) {
      await permit.release();
      if (pass !== undefined) await requests.giveBack(pass);
      return;
    }
    const tripOf = trip(writes.length);
    const { flight } = writes[0]!;
    const sent = await requests.make(
      { kind: "job", records: writes.length, pass },
      async () => await withPermit(permit, async () => await jobs.start(writes, signal, flight?.depart())),
      (exchange) => outcomes.verdictOf(writes[0]!, exchange),
    );
    if (sent === null) {
      await outcomes.cutOff(writes.map(({ claim }) => claim));
      flight?.end(["cut_off"]);
      return;
    }
    flight?.arrive(sent.exchange.status);
    await conclude(writes, sent, pass !== undefined, tripOf);
  }

  async function conclude(
    writes: readonly ClaimedWrite[],
    { exchange, job }: JobExchange,
    probing: boolean,
    tripOf: (job: string | null) => Trip,
  ): Promise<void> {
    switch (job.kind) {
      case "done":
        return await carryOutAll(writes, job.items, probing, tripOf(null));
      case "running": {
        const { name } = job.job;
        follower.follow(writes, job.job, async (items) => await carryOutAll(writes, items, probing, tripOf(name)));
        return;
      }
      case "unsupported":
        takesJobs = false;
        await outcomes.giveBack(writes.map(({ claim }) => claim));
        writes[0]!.flight?.end(["unsupported"]);
        return;
      case "refused":
        // The halves are flights of their own.
        writes[0]!.flight?.end([exchange.answer.kind]);
        if (exchange.answer.kind === "split") await halve(writes.map(({ claim }) => writeOf(claim)));
        else await outcomes.carryOutAlike(writes, exchange, probing, tripOf(null));
    }
  }

  async function halve(writes: readonly ClaimedWrite[]): Promise<void> {
    const middle = Math.ceil(writes.length / 2);
    for (const half of [writes.slice(0, middle), writes.slice(middle)]) {
      const untilMs = Math.min(...half.map(({ claim }) => claim.leaseEndsAt)) - minLeaseLeftMs;
      const granted = await requests.grant(untilMs);
      // The worker that claims the records next begins with this half, so that the halving ends.
      if (granted === null)
        await outcomes.giveBack(
          half.map(({ claim }) => claim),
          half.length,
        );
      else await send(half, granted.pass);
    }
  }

  async function carryOutAll(
    writes: readonly ClaimedWrite[],
    items: readonly Exchange[],
    probing: boolean,
    shared: Trip | null,
  ): Promise<void> {
    const verdicts = await Promise.all(
      writes.map(async (write, index) => {
        const exchange = items[index]!;
        const verdict = outcomes.verdictOf(write, exchange, probing);
        await outcomes.carryOut(write, exchange, verdict, probing, shared);
        return verdict.kind;
      }),
    );
    writes[0]?.flight?.end(verdicts);
  }

  /** A trip that begins now, and ends when its result is asked for. */
  function trip(records: number): (job: string | null) => Trip {
    const sentAt = performance.now();
    return (job) => ({ sentAt, tookMs: performance.now() - sentAt, records, job });
  }

  /** The writes whose leases last long enough. The others are given back: another worker may soon own their records. */
  async function withLease(writes: readonly ClaimedWrite[]): Promise<readonly ClaimedWrite[]> {
    const isLate = ({ claim }: ClaimedWrite): boolean =>
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
      const writes: ClaimedWrite[] = [];
      const taken = claims.filter(({ job }) => job !== null);
      for (const group of Map.groupBy(taken, ({ job }) => job!.job).values()) void guarded(resume(group));
      const awaiting = claims.filter(unknownJobs.mayCarry);
      if (awaiting.length > 0) unknownJobs.outwait(awaiting);
      for (const claim of claims) {
        const { deletion, fields } = claim.snapshot;
        if (claim.job !== null || awaiting.includes(claim)) continue;
        if (claim.lost >= LOST_FLIGHTS) void guarded(outcomes.buryLost(claim));
        else if (deletion === null && (fields.size === 0 || isUnchanged(claim)))
          void guarded(outcomes.settleUnsent(claim));
        else {
          const pauseMs = objects.pauseMs(claim.object);
          if (pauseMs === null) writes.push(writeOf(claim));
          else void guarded(outcomes.holdBack(claim, pauseMs));
        }
      }
      const { sends, left } = plan(writes, { requests: grant.requests, batch: options.batch, groupOf });
      if (left.length > 0) void guarded(outcomes.giveBack(left.map(({ claim }) => claim)));
      for (const pass of grant.passes.slice(sends.length)) void guarded(requests.giveBack(pass));
      return sends.map(async (each, index) => await guarded(tried(each, grant.passes[index])));
    },
  };
}
