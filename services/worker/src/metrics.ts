import type { Registry } from "prom-client";
import { OUTCOMES } from "@sluice/record";
import {
  backlogSeconds,
  breakerState,
  OTHER_TYPE,
  rememberSample,
  type ForecastSample,
  type IntakeNumbers,
  type LaneNumbers,
  type Queue,
  type Remains,
  type SeenType,
} from "@sluice/queue";
import { counter, gauge, histogram, unknownTypes, type SourceConfiguration } from "@sluice/runtime";
import { MAX_SHOWN_TYPES } from "./limits.ts";
import { createPlaceTime, type PlaceTime } from "./place-time.ts";

const BREAKER_STATES = { closed: 0, "half-open": 1, open: 2 } as const;

/** `look`: at a running job, or at the records of one whose status can't be read. `fetch`: of a thin event's document. */
export type RequestKind = "upsert" | "delete" | "job" | "look" | "fetch";

/** One process's view of one destination. These metrics add up over processes. */
export type WriterMetrics = {
  /** `status`: the destination's own word for its answer. */
  requested(kind: RequestKind, status: string, records: number, seconds: number): void;
  /** The rest of the quota, as the destination tells it. */
  quotaRemaining(requests: number): void;
  settled(eventToRecordSeconds: number): void;
  /** A write was confirmed after its flight was over. */
  late(): void;
  /** An object takes no record, or does again. */
  objectHeld(object: string, isHeld: boolean): void;
  /** So many requests may be in flight here. @returns told how many are, whenever that changes */
  places(concurrency: number): (taken: number) => void;
};

export function writerMetrics(registry: Registry, nowMs: () => number): (destination: string) => WriterMetrics {
  const requests = counter(registry, "sluice_destination_requests_total");
  const requestSeconds = histogram(registry, "sluice_destination_request_seconds");
  const batch = histogram(registry, "sluice_batch_records");
  const eventToRecord = histogram(registry, "sluice_event_to_record_seconds");
  const quota = gauge(registry, "sluice_quota_remaining");
  const late = counter(registry, "sluice_late_confirmations_total");
  const objects = gauge(registry, "sluice_object_held");
  const places = gauge(registry, "sluice_request_places");
  const times = new Map<string, PlaceTime>();
  counter(registry, "sluice_request_places_taken_seconds_total", (taken) => {
    taken.reset();
    for (const [destination, time] of times) taken.inc({ destination }, time.seconds());
  });
  return (destination) => ({
    requested(kind, status, records, seconds) {
      requests.inc({ destination, kind, status });
      requestSeconds.observe({ destination, kind }, seconds);
      if (kind !== "look") batch.observe({ destination }, records);
    },
    quotaRemaining: (left) => quota.set({ destination }, left),
    objectHeld: (object, isHeld) => objects.set({ destination, object }, isHeld ? 1 : 0),
    late: () => late.inc({ destination }),
    places(concurrency) {
      places.set({ destination }, concurrency);
      const time = createPlaceTime(nowMs);
      times.set(destination, time);
      return time.take;
    },
    settled: (seconds) => eventToRecord.observe({ destination }, Math.max(0, seconds)),
  });
}

/**
 * The fleet's own numbers, read from Redis at each scrape. Exactly one worker shows them at a time, so
 * that sums over instances stay true; which one may change, so queries sum away the instance.
 */
export function fleetMetrics(
  registry: Registry,
  queue: Queue,
  destinations: readonly string[],
  nowMs: () => number,
  unserved: () => readonly Remains[],
  sources: () => readonly SourceConfiguration[],
): void {
  const samples = new Map<string, readonly ForecastSample[]>();
  const { isLeader: isElected } = queue.leadership("exporter:worker");
  intakeMetrics(registry, async () => ((await isElected()) ? await queue.intake.numbers() : null), nowMs);
  unknownEventsMetric(registry, async () => {
    if (!(await isElected())) return [];
    const known = sources();
    const names = known.map(({ name }) => name);
    const seen = await queue.intake.seenTypes(names, nowMs());
    return known.map((source) => [source.name, unknownTypes(source, seen.get(source.name) ?? [])] as const);
  });
  const read = async (): Promise<readonly (readonly [string, LaneNumbers])[]> => {
    if (!(await isElected())) return [];
    const lanes = await Promise.all(
      destinations.map(async (name) => [name, await queue.lane(name).numbers()] as const),
    );
    for (const [name, lane] of lanes) {
      const ended = [...lane.outcomes.values()].reduce((sum, bySource) => sum + total(bySource), 0);
      const sample = { atMs: nowMs(), ended, pending: total(lane.open) };
      samples.set(name, rememberSample(samples.get(name) ?? [], sample));
    }
    return lanes;
  };
  // All metrics of a scrape are collected in one turn: they share one reading, so that they add up.
  let reading: ReturnType<typeof read> | null = null;
  const numbers = async (): ReturnType<typeof read> => {
    reading ??= read().finally(() => (reading = null));
    // While Redis is away there are no numbers to show; /readyz says why.
    return await reading.catch(() => []);
  };

  gauge(registry, "sluice_state_went_back", async (shown) => {
    const isShown = await isElected().catch(() => false);
    const regresses = isShown ? await queue.state.regresses().catch(() => null) : null;
    shown.reset();
    shown.remove();
    if (regresses !== null) shown.set(regresses.filter(({ seenAt }) => seenAt === null).length);
  });
  counter(registry, "sluice_outcomes_total", async (outcomes) => {
    const lanes = await numbers();
    outcomes.reset();
    for (const [destination, lane] of lanes) {
      for (const outcome of OUTCOMES) outcomes.inc({ destination, outcome }, total(lane.outcomes.get(outcome)));
    }
  });
  counter(registry, "sluice_ties_total", async (shown) => {
    const lanes = await numbers();
    shown.reset();
    for (const [destination, { ties }] of lanes) {
      for (const [source, count] of ties) shown.inc({ source, destination }, count);
    }
  });
  const show = (
    name:
      | "sluice_pending_changes"
      | "sluice_pending_records"
      | "sluice_oldest_pending_seconds"
      | "sluice_dead_records"
      | "sluice_breaker_state",
    value: (lane: LaneNumbers) => number,
  ): void => {
    gauge(registry, name, async (shown) => {
      const lanes = await numbers();
      shown.reset();
      for (const [destination, lane] of lanes) shown.set({ destination }, value(lane));
    });
  };
  show("sluice_pending_changes", (lane) => total(lane.open));
  show("sluice_pending_records", (lane) => lane.pendingRecords);
  show("sluice_oldest_pending_seconds", ({ oldestPendingMs }) =>
    oldestPendingMs === null ? 0 : Math.max(0, (nowMs() - oldestPendingMs) / 1000),
  );
  show("sluice_dead_records", (lane) => lane.deadRecords);
  gauge(registry, "sluice_backlog_seconds", async (shown) => {
    const lanes = await numbers();
    shown.reset();
    for (const [destination] of lanes) {
      const seconds = backlogSeconds(samples.get(destination) ?? []);
      if (seconds !== null) shown.set({ destination }, seconds);
    }
  });
  gauge(registry, "sluice_hold", async (shown) => {
    const lanes = await numbers();
    shown.reset();
    for (const [destination, lane] of lanes) {
      if (lane.gate.hold !== null) shown.set({ destination, reason: lane.gate.hold.reason }, 1);
    }
  });
  gauge(registry, "sluice_unserved_records", async (shown) => {
    const isShown = await isElected().catch(() => false);
    shown.reset();
    if (!isShown) return;
    for (const { lane: destination, pendingRecords, deadLetters, rememberedRecords } of unserved()) {
      shown.set({ destination, state: "pending" }, pendingRecords);
      shown.set({ destination, state: "dead" }, deadLetters);
      shown.set({ destination, state: "remembered" }, rememberedRecords);
    }
  });
  gauge(registry, "sluice_dead_letters_room_ratio", async (shown) => {
    const isShown = await isElected().catch(() => false);
    shown.reset();
    if (isShown) for (const [source, share] of queue.letters.shares) shown.set({ source }, share);
  });
  show("sluice_breaker_state", (lane) => BREAKER_STATES[breakerState(lane.gate)]);
}

/** Each worker shows the sources whose webhooks it leaves to others. */
export function awaitedMetrics(
  registry: Registry,
  awaited: () => ReadonlyMap<string, number>,
  nowMs: () => number,
): void {
  gauge(registry, "sluice_awaited_seconds", (shown) => {
    shown.reset();
    for (const [source, sinceMs] of awaited()) shown.set({ source }, Math.max(0, (nowMs() - sinceMs) / 1000));
  });
}

/** The intake's waiting and understood webhooks, read once for all metrics of a scrape. */
function intakeMetrics(registry: Registry, read: () => Promise<IntakeNumbers | null>, nowMs: () => number): void {
  let reading: Promise<IntakeNumbers | null> | null = null;
  const numbers = async (): Promise<IntakeNumbers | null> => {
    reading ??= read().finally(() => (reading = null));
    return await reading.catch(() => null);
  };
  const show = (
    name:
      | "sluice_intake_waiting_webhooks"
      | "sluice_intake_waiting_bytes"
      | "sluice_intake_oldest_seconds"
      | "sluice_intake_dead_letters",
    value: (intake: IntakeNumbers) => number,
  ): void => {
    gauge(registry, name, async (shown) => {
      const intake = await numbers();
      // A metric without a label always has a series; where another worker shows it, this one removes its own.
      shown.remove();
      if (intake !== null) shown.set(value(intake));
    });
  };
  show("sluice_intake_waiting_webhooks", ({ waitingWebhooks }) => waitingWebhooks);
  show("sluice_intake_waiting_bytes", ({ waitingBytes }) => waitingBytes);
  show("sluice_intake_dead_letters", ({ deadLetters }) => deadLetters);
  show("sluice_intake_oldest_seconds", ({ oldestMs }) =>
    oldestMs === null ? 0 : Math.max(0, (nowMs() - oldestMs) / 1000),
  );
  gauge(registry, "sluice_intake_jobs", async (shown) => {
    const intake = await numbers();
    shown.reset();
    if (intake === null) return;
    for (const state of ["waiting", "active", "delayed", "failed"] as const) shown.set({ state }, intake.jobs[state]);
  });
  const count = (
    name:
      | "sluice_intake_jobs_added_total"
      | "sluice_intake_jobs_completed_total"
      | "sluice_intake_unreadable_jobs_total",
    value: (intake: IntakeNumbers) => number,
  ): void => {
    counter(registry, name, async (counted) => {
      const intake = await numbers();
      counted.reset();
      counted.remove();
      if (intake !== null) counted.inc(value(intake));
    });
  };
  count("sluice_intake_jobs_added_total", ({ jobs }) => jobs.added);
  count("sluice_intake_jobs_completed_total", ({ jobs }) => jobs.completed);
  count("sluice_intake_unreadable_jobs_total", ({ unreadableJobs }) => unreadableJobs);
  counter(registry, "sluice_events_understood_total", async (counted) => {
    const intake = await numbers();
    counted.reset();
    for (const [result, bySource] of intake?.results ?? []) {
      for (const [source, events] of bySource) counted.inc({ source, result }, events);
    }
  });
}

/** Unknown events: a source's most frequent types have a series of their own, the others share one. */
function unknownEventsMetric(
  registry: Registry,
  read: () => Promise<readonly (readonly [source: string, types: readonly SeenType[]])[]>,
): void {
  gauge(registry, "sluice_unknown_events", async (shown) => {
    const bySource = await read().catch(() => []);
    shown.reset();
    for (const [source, types] of bySource) {
      for (const [index, { type, ignored }] of types.entries()) {
        shown.inc({ source, type: index < MAX_SHOWN_TYPES ? type : OTHER_TYPE }, ignored);
      }
    }
  });
}

function total(bySource: ReadonlyMap<string, number> | undefined): number {
  return [...(bySource?.values() ?? [])].reduce((sum, count) => sum + count, 0);
}
