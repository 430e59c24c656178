import type { Registry } from "prom-client";
import { backlogSeconds, breakerState, rememberSample } from "@sluice/queue";
import type { ForecastSample, LaneNumbers, Queue, Remains } from "@sluice/queue";
import { OUTCOMES } from "@sluice/record";
import { counter, gauge, unknownTypes, type Clock, type Log, type SourceConfiguration } from "@sluice/runtime";
import { intakeMetrics, unknownEventsMetric } from "./intake-metrics.ts";
import { UNSERVED_SHOWN_MS } from "./limits.ts";

const BREAKER_STATES = { closed: 0, "half-open": 1, open: 2 } as const;

/** The role's name is that of the release before, in which workers alone stood for it: through an upgrade there is one exporter. */
const ROLE = "exporter:worker";

/** The fleet as one of its processes sees it. */
export type FleetView = {
  readonly queue: Queue;
  /** Lanes of the configuration, those of fetches among them. */
  readonly destinations: readonly string[];
  readonly sources: () => Iterable<SourceConfiguration>;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
};

/**
 * The fleet's own numbers, read from Redis at each scrape. Doors, workers and consoles stand for it, so that they are there while no worker
 * runs; exactly one process shows them at a time, so that sums over instances stay true. Which one may change, so queries sum away
 * the instance.
 */
export function showFleet(registry: Registry, { queue, destinations, sources, clock, log }: FleetView): void {
  const nowMs = (): number => clock.nowMs();
  const samples = new Map<string, readonly ForecastSample[]>();
  const { isLeader: isElected } = queue.leadership(ROLE);
  intakeMetrics(registry, async () => ((await isElected()) ? await queue.intake.numbers() : null), nowMs);
  unknownEventsMetric(registry, async () => {
    if (!(await isElected())) return [];
    const known = [...sources()];
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
  gauge(registry, "sluice_workers", async (shown) => {
    const living = (await isElected().catch(() => false)) ? await queue.workers().catch(() => null) : null;
    shown.remove();
    if (living !== null) shown.set(living);
  });
  counter(registry, "sluice_changes_accepted_total", async (shown) => {
    const lanes = await numbers();
    shown.reset();
    for (const [destination, { accepted }] of lanes) {
      for (const [source, count] of accepted) shown.inc({ source, destination }, count);
    }
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
  const unserved = unservedBehind({ queue, destinations, log });
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
  gauge(registry, "sluice_dead_letters_in_history", async (shown) => {
    const isShown = await isElected().catch(() => false);
    const counts = isShown ? await queue.letters.filed.counts().catch(() => []) : [];
    shown.reset();
    for (const { destination, source, letters } of counts) shown.set({ destination, source }, letters);
  });
  show("sluice_breaker_state", (lane) => BREAKER_STATES[breakerState(lane.gate)]);
}

/** Lanes that no living worker serves, at the last look. A look goes on behind the scrape that begins it. */
function unservedBehind({
  queue,
  destinations,
  log,
}: Pick<FleetView, "queue" | "destinations" | "log">): () => readonly Remains[] {
  let known: readonly Remains[] = [];
  let lookedAtMs = -Infinity;
  return () => {
    if (performance.now() - lookedAtMs < UNSERVED_SHOWN_MS) return known;
    // While a look lasts no other one begins.
    lookedAtMs = Infinity;
    queue.lanes
      .left(destinations)
      .then((left) => (known = left.filter(({ isServed }) => !isServed)))
      .catch((error: unknown) => log.warn({ component: "unserved", err: error }, "not looked for"))
      .finally(() => (lookedAtMs = performance.now()));
    return known;
  };
}

function total(bySource: ReadonlyMap<string, number> | undefined): number {
  return [...(bySource?.values() ?? [])].reduce((sum, count) => sum + count, 0);
}
