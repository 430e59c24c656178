import { setTimeout as wait } from "node:timers/promises";
import express from "express";
import { openQueue, type Claim, type MarksKeeper, type Queue, type RequestTerms } from "@sluice/queue";
import { DEFAULT_RETRY } from "@sluice/record";
import {
  countConfigurationReads,
  createRegistry,
  histogram,
  laneCounts,
  laneNames,
  listen,
  markOf,
  operations,
  sharesOf,
  type Clock,
  type Configuration,
  type DestinationConfiguration,
  type Log,
  type SourceConfiguration,
} from "@sluice/runtime";
import { showFleet } from "@sluice/exporter";
import type { Tracing } from "@sluice/tracing";
import type { Destination, Exchange } from "@sluice/destination";
import { credentialsOf } from "./fetch/authorization.ts";
import { connectFetch } from "./fetch/fetch-destination.ts";
import { createBreaker } from "./requests/breaker.ts";
import { createDispatch } from "./dispatch.ts";
import { createHeldObjects } from "./requests/held-objects.ts";
import { startArchiving, type HistoryPlace } from "./history/archiving.ts";
import { fileLetters } from "./history/file-letters.ts";
import type { Recorder } from "./history/recorder.ts";
import { createJobFollower } from "./jobs/follow.ts";
import {
  GATHER_MS,
  GIVE_BACK_MS,
  LEASE_TIMEOUTS,
  MIN_LEASE_LEFT_TIMEOUTS,
  PASS_TIMEOUTS,
  SETTLE_TIMEOUTS,
  SHORTEST_LEASE_MS,
} from "./limits.ts";
import { awaitedMetrics, writerMetrics } from "./metrics.ts";
import { createOutcomes } from "./writes/outcome.ts";
import { createRequests } from "./requests/request.ts";
import { flightSpans } from "./tracing/flight-span.ts";
import { tracedUnderstanding } from "./tracing/understanding-spans.ts";
import { createUnderstander } from "./understanding/understander.ts";
import { awaits, readiness, wantsLanes } from "./readiness.ts";
import { watchUnserved } from "./unserved.ts";
import { openDestination } from "./open-destination.ts";
import { createUnknownJobs } from "./jobs/unknown-job.ts";
import { createWriter } from "./writes/writer.ts";

export type WorkerOptions = {
  readonly configuration: Configuration;
  readonly redisUrl: string;
  readonly port: number;
  readonly host?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: () => number;
  /** Null or absent: nothing is traced. */
  readonly tracing?: Tracing | null | undefined;
  /** SLUICE_METRICS_TOKEN. */
  readonly metricsToken?: string | undefined;
  /** Keeps several Sluices apart in one Redis. */
  readonly namespace?: string;
  /** Remembers how far the state in Redis had come, for the next start. */
  readonly marksKeeper?: MarksKeeper;
  /** The place of the history of webhooks and writes; without it none is kept. */
  readonly history?: HistoryPlace | null;
  /** The lease, in place of three times the destination's timeout. */
  readonly leaseMs?: number;
};

export type RunningWorker = {
  readonly url: string;
  /** Goes on with another configuration of the same lanes: fetched documents are mapped by its rows. */
  use(configuration: Configuration): void;
  /** Notes that a new configuration has a fault, so that this one stays. */
  keep(): void;
  /**
   * Takes no new work, lets requests under way end, and aborts them after `deadlineMs`: their records
   * are given back, nothing is lost.
   */
  close(deadlineMs: number): Promise<void>;
};

/** Starts the worker role: understands the webhooks that the doors wrote down, writes to every destination, and serves its own state over HTTP. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { configuration, clock, log } = options;
  let current = configuration;
  const names = laneNames(configuration);
  const registry = createRegistry();
  const reads = countConfigurationReads(registry);
  /** Tells of a fault in a part of the worker, and of which destination. */
  const faultIn =
    (component: string, destination?: string) =>
    (error: unknown): void =>
      log.warn(
        { component, ...(destination === undefined ? {} : { destination }), err: error },
        error instanceof Error ? error.message : String(error),
      );
  const queue = await openQueue({
    redisUrl: options.redisUrl,
    kind: "worker",
    destinations: names,
    lanes: laneCounts(configuration),
    onLanes: (destination, lanes, wanted) => log.warn({ destination, lanes, wanted }, wantsLanes(destination, wanted)),
    dedupeWindowMs: configuration.dedupeWindowMs,
    orderingHorizonMs: configuration.orderingHorizonMs,
    ack: configuration.ack,
    memoryBudget: configuration.redisMemoryBudget,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.marksKeeper === undefined ? {} : { marksKeeper: options.marksKeeper }),
    onRegress: (error) => log.error({ component: "state", err: error }, error.message),
    nowMs: () => clock.nowMs(),
    onError: faultIn("queue"),
  });
  const metricsOf = writerMetrics(registry, () => performance.now());
  const unserved = watchUnserved({
    left: async () => await queue.lanes.left(names),
    log,
    onError: faultIn("unserved"),
  });
  showFleet(registry, { queue, destinations: names, sources: () => current.sources.values(), clock, log });
  queue.letters.repair().catch(faultIn("letters"));
  queue.lanes.findOld().then(unserved.look).catch(faultIn("unserved"));
  const stop = new AbortController();
  const { history: place = null } = options;
  const archiving = startArchiving({
    place,
    registry,
    session: queue.session,
    configuration: () => current,
    clock,
    log,
  });
  const { recorder } = archiving;
  const filing = fileLetters({ place, registry, queue, configuration: () => current, log });
  const merging = recorder.mergingDocuments(queue.merging);
  const shared = { ...options, queue, metricsOf, faultIn, recorder, signal: stop.signal };
  const { destinations, sources } = configuration;
  const versionSkewMs = (): number => current.versionSkewMs;
  const writing = [...destinations.values()].map((each) =>
    workOn(each, () => openDestination(each, queue, log), shared),
  );
  const fetching = [...sources.values()].flatMap(({ name, fetch }) => {
    if (fetch === null) return [];
    const source = (): SourceConfiguration | undefined => current.sources.get(name);
    const connect = (): Destination =>
      connectFetch({ source, versionSkewMs, merging, unbroken: queue.unbroken, clock });
    // One document is one request, and a fetch with the same values as the last may find another document.
    // Nothing is written at a source.
    const settings = { batch: 1, retry: DEFAULT_RETRY, skipUnchanged: false, fences: true, settleAfterSilenceMs: 0 };
    return [{ source, lane: workOn({ ...fetch, auth: credentialsOf(fetch), ...settings }, connect, shared) }];
  });

  const understander = createUnderstander(() => current);
  const booked = histogram(registry, "sluice_understanding_seconds");
  const understanding = await queue.intake.understand({
    ...tracedUnderstanding({ understander, onUnderstood: recorder.understood }, options.tracing ?? null),
    unknownSourceAfterMs: configuration.unknownSourceAfterMs,
    nowMs: () => clock.nowMs(),
    onBooked: (seconds) => booked.observe(seconds),
    onLetter: ({ id, object, reason }) => log.error({ letter: id, source: object, ...reason }, "not understood"),
    onAwaited: (source) => log.warn({ source, waitMs: configuration.unknownSourceAfterMs }, awaits(source)),
    onOutdated: (source, webhooks) =>
      log.error({ source, webhooks }, "understood with an older configuration than their door had: none came in time"),
  });
  awaitedMetrics(registry, understanding.awaited, () => clock.nowMs());

  // The number of this worker's configuration may be another one's by now.
  queue.state.onRegress(async () => await understanding.use()).catch(faultIn("state"));

  const lanes = [...writing, ...fetching.map(({ lane }) => lane)];
  const deaths = queue.onDeath(
    async (session) => void (await Promise.all(lanes.map(async (each) => await each.takeOver(session)))),
  );

  const app = express()
    .disable("x-powered-by")
    .use(
      operations({
        registry,
        ready: async () => await readiness(queue, names, understanding.awaited(), unserved),
        token: options.metricsToken,
      }),
    );
  const server = await listen(app, { role: "worker", port: options.port, host: options.host });
  log.info({ url: server.url, destinations: names }, "worker ready");

  return {
    url: server.url,
    use(next) {
      current = next;
      understanding.use().catch(faultIn("understanding"));
      void unserved.look();
      for (const each of writing) each.share(next);
      for (const { source, lane } of fetching) {
        const { fetch } = source() ?? {};
        if (fetch != null) lane.renew(credentialsOf(fetch));
      }
      reads.used();
    },
    keep: reads.kept,
    async close(deadlineMs) {
      const late = setTimeout(() => stop.abort(new Error("the worker stops")), deadlineMs);
      for (const each of [deaths, filing, unserved]) each.close();
      const close = async (): Promise<void> => {
        // Understanding stops first, since its merges may claim in the same script.
        await understanding.close();
        await Promise.allSettled(lanes.map(async (each) => await each.close()));
        await archiving.close();
      };
      const ended = close().catch(faultIn("stop"));
      // While Redis is away nothing can be given back: the leases will do that, and waiting for it would last for ever.
      await Promise.race([ended, wait(deadlineMs + GIVE_BACK_MS, undefined, { ref: false })]);
      clearTimeout(late);
      await server.close(1000);
      await queue.close();
    },
  };
}

type Shared = WorkerOptions & {
  readonly queue: Queue;
  readonly metricsOf: ReturnType<typeof writerMetrics>;
  readonly faultIn: (component: string, destination?: string) => (error: unknown) => void;
  readonly recorder: Recorder;
  /** Aborts requests that are under way when a graceful stop runs out of time. */
  readonly signal: AbortSignal;
};

type Worked = Omit<DestinationConfiguration, "kind" | "url" | "auth" | "lanes" | "maxInFlight"> & {
  readonly url?: string;
  readonly maxInFlight?: number | null;
  readonly auth: object;
};

type Work = {
  /** The flights of a worker that died go on, where the destination checks tokens. */
  takeOver(session: string): Promise<void>;
  /** Goes on with the shares of this configuration. */
  share(configuration: Configuration): void;
  /** Goes on with these credentials: a lane that was held for refused ones flows again. */
  renew(auth: object): void;
  close(): Promise<void>;
};

/** Takes and writes the records of one lane. */
function workOn(configured: Worked, connect: () => Destination, shared: Shared): Work {
  const { queue, metricsOf, log, clock, faultIn, recorder, signal, random = Math.random } = shared;
  const { name, concurrency, maxInFlight = null, timeoutMs, requestsPerMinute, batch } = configured;
  const onGateFault = faultIn("gate", name);
  const lane = queue.lane(name);
  const gate = queue.gate(name);
  const mark = markOf({ url: configured.url });
  let fences = configured.fences ?? false;
  if (configured.fences === null) gate.fences(mark).then((known) => (fences ||= known), onGateFault);
  /** Learns that the destination checks tokens, for the whole fleet, from an answer that repeated one. */
  const learnFences = (exchange: Exchange): void => {
    if (fences || configured.fences !== null || exchange.fenced !== true) return;
    fences = true;
    gate.fenced(mark).catch(onGateFault);
  };
  // Where no token is checked, a write that was sent may land until the lease ends.
  const leaseOf = (): number =>
    shared.leaseMs ??
    (fences
      ? Math.max(timeoutMs * LEASE_TIMEOUTS, SHORTEST_LEASE_MS)
      : Math.max(configured.settleAfterSilenceMs, timeoutMs * SETTLE_TIMEOUTS));
  let credentials = markOf(configured.auth);
  const passMs = timeoutMs * PASS_TIMEOUTS;
  const terms = (): RequestTerms => ({ requestsPerMinute, credentials, passMs });
  const metrics = metricsOf(name);
  const destination = connect();
  const breaker = createBreaker({
    timeoutMs,
    nowMs: () => performance.now(),
    onOpen() {
      log.warn({ destination: name }, "breaker open: the destination is held");
      gate.holdUnwell().catch(onGateFault);
    },
  });
  const { credentialsAgainMs } = destination;
  const requests = createRequests({ gate, breaker, metrics, terms, signal, credentialsAgainMs, onAnswer: learnFences });
  const onLate = async (claim: Claim): Promise<void> => {
    // A connection that broke sends its command again, and the flight is over by the first.
    if (!(await lane.isOvertaken(claim))) return;
    metrics.late();
    log.warn({ destination: name, object: claim.object, key: claim.key.value }, "confirmed after its flight was over");
    await lane.doubt(claim);
  };
  const objects = createHeldObjects({
    nowMs: () => performance.now(),
    onHeld(object, why) {
      metrics.objectHeld(object, true);
      log.error({ destination: name, object }, `held: ${why}`);
    },
    onFreed(object) {
      metrics.objectHeld(object, false);
      log.info({ destination: name, object }, "the object takes records again");
    },
  });
  const reporting = {
    clock,
    random,
    log,
    objects,
    fences: () => fences,
    onLate,
    onSettled: metrics.settled,
    onEnded: recorder.flown,
    onFault: faultIn("settle", name),
  };
  const outcomes = createOutcomes({ lane, retry: configured.retry, ...reporting });
  const follower = createJobFollower({
    lane,
    leaseMs: leaseOf,
    requests,
    judge: outcomes.verdictOf,
    onError: faultIn("jobs", name),
  });
  const minLeaseLeftMs = timeoutMs * MIN_LEASE_LEFT_TIMEOUTS;
  const jobs = destination.jobs?.atOnce ?? 0;
  const permits = queue.jobPermits(name, jobs);
  const unknownJobs = createUnknownJobs({
    lane,
    list: destination.jobs?.list,
    fences: () => fences,
    leaseMs: leaseOf,
    requests,
    judge: outcomes.verdictOf,
    onGivenUp: (why, records) =>
      log.warn({ destination: name, records }, `written again, though jobs may be under way: ${why}`),
    onError: faultIn("jobs", name),
  });
  const writing = { destination, requests, outcomes, follower, unknownJobs, permits, objects };
  const spans = shared.tracing == null ? null : flightSpans(shared.tracing, name);
  const writer = createWriter({ ...writing, spans, batch, minLeaseLeftMs, signal, onError: faultIn("writer", name) });
  const { session } = queue;
  const bound = { keepMs: passMs, onError: onGateFault };
  const gathering = { jobs, gatherMs: GATHER_MS, remember: configured.skipUnchanged, session };
  const dispatch = createDispatch({
    lane,
    concurrency,
    permits: maxInFlight === null ? null : queue.requestPermits(name, { ...bound, permits: maxInFlight }),
    order: () => ({ ...terms(), ...gathering, leaseMs: leaseOf() }),
    batch: writer.batch,
    start: writer.start,
    onPlaces: metrics.places(concurrency),
    onError: faultIn("dispatch", name),
  });
  const resume = async (): Promise<void> => {
    const reason = await gate.renewed(credentials);
    if (reason !== null) log.info({ destination: name }, "resumed: the credentials have changed");
  };
  /** Holds the lane back: writes that were claimed and are forgotten now may still land, where no token is checked. */
  const holdBack = async (state: string): Promise<void> => {
    if (configured.fences === null) fences ||= await gate.fences(mark);
    if (!fences) await gate.holdBack(state, leaseOf());
  };
  queue.state
    .onRegress(holdBack)
    .then(async () => await gate.shareOut(sharesOf(shared.configuration, name)))
    .then(resume)
    .catch(onGateFault)
    .finally(() => void dispatch.wake());
  const wakeUps = queue.onWakeUp(name, () => void dispatch.wake());
  return {
    async takeOver(dead) {
      // This worker may not have heard yet what the fleet knows.
      if (configured.fences === null) fences ||= await gate.fences(mark);
      if (!fences) return;
      const records = await lane.takeOver(dead);
      if (records > 0)
        log.warn({ destination: name, session: dead, records }, "took over the flights of a dead worker");
    },
    share(next) {
      gate.shareOut(sharesOf(next, name)).catch(onGateFault);
    },
    renew(auth) {
      if (markOf(auth) === credentials) return;
      credentials = markOf(auth);
      resume()
        .catch(onGateFault)
        .finally(() => void dispatch.wake());
    },
    async close() {
      wakeUps.close();
      await Promise.allSettled([dispatch.close(), follower.close(), unknownJobs.close()]);
      // A job that was accepted meanwhile is handed over too.
      await Promise.all([follower.close(), unknownJobs.close()]);
      breaker.close();
      await destination.close();
    },
  };
}
