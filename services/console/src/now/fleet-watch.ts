import type { IntakeNumbers, LaneNumbers, Queue } from "@sluice/queue";
import { laneNames, type Clock, type Configuration } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";

/** The fleet's numbers at one moment. */
export type FleetSnapshot = {
  readonly atMs: number;
  /** Numbers by lane, in the order of the configuration. */
  readonly lanes: ReadonlyMap<string, LaneNumbers>;
  readonly intake: IntakeNumbers;
  readonly workers: number;
};

/** Looks at the fleet once a second, and remembers what it saw. */
export type FleetWatch = {
  /** The newest look, at most a second and a half old. @throws when Redis does not answer */
  latest(): Promise<FleetSnapshot>;
  /** The looks of the last minute, the oldest first. */
  readonly lately: readonly FleetSnapshot[];
  /** Called after each look. */
  onSnapshot(hear: (look: FleetSnapshot) => void): { close(): void };
  close(): void;
};

export type FleetWatchOptions = {
  readonly queue: Pick<Queue, "lane" | "intake" | "workers">;
  readonly configuration: () => Configuration;
  readonly clock: Clock;
};

export function watchFleet({ queue, configuration, clock }: FleetWatchOptions): FleetWatch {
  let lately: readonly FleetSnapshot[] = [];
  let looking: Promise<FleetSnapshot> | null = null;
  const hearers = new Set<(look: FleetSnapshot) => void>();

  async function read(): Promise<FleetSnapshot> {
    const names = laneNames(configuration());
    const [intake, workers, ...lanes] = await Promise.all([
      queue.intake.numbers(),
      queue.workers(),
      ...names.map(async (name) => await queue.lane(name).numbers()),
    ]);
    const atMs = clock.nowMs();
    const look = { atMs, intake, workers, lanes: new Map(names.map((name, at) => [name, lanes[at]!])) };
    // A clock that was set back leaves nothing in the future.
    lately = [...lately.filter((each) => Math.abs(atMs - each.atMs) <= LIMITS.latelyMs), look];
    for (const hear of hearers) hear(look);
    return look;
  }
  const look = async (): Promise<FleetSnapshot> => await (looking ??= read().finally(() => (looking = null)));
  // While Redis is away there is nothing to see: callers are told, and /readyz says it.
  const timer = setInterval(() => void look().catch(() => {}), LIMITS.lookEveryMs);
  timer.unref();

  return {
    async latest() {
      const last = lately.at(-1);
      const isFresh = last !== undefined && Math.abs(clock.nowMs() - last.atMs) <= LIMITS.lookEveryMs * 1.5;
      return isFresh ? last : await look();
    },
    get lately() {
      return lately;
    },
    onSnapshot(hear) {
      hearers.add(hear);
      return { close: () => void hearers.delete(hear) };
    },
    close: () => clearInterval(timer),
  };
}

/** Changes of a lane that have ended, since ever. */
export function endedOf({ outcomes }: LaneNumbers): number {
  return [...outcomes.values()].reduce((sum, bySource) => sum + total(bySource), 0);
}

/** The sum over all sources. */
export function total(bySource: ReadonlyMap<string, number> | undefined): number {
  return [...(bySource?.values() ?? [])].reduce((sum, count) => sum + count, 0);
}

/** How much a number grew per second, between the newest look and the oldest that is at most so long before it. */
export function perSecond(
  lately: readonly FleetSnapshot[],
  overMs: number,
  of: (look: FleetSnapshot) => number,
): number {
  const last = lately.at(-1);
  const first = last === undefined ? undefined : lately.find(({ atMs }) => last.atMs - atMs <= overMs);
  if (last === undefined || first === undefined || first === last) return 0;
  // Redis may have been emptied meanwhile: a number that went down is no rate.
  return Math.max(0, (of(last) - of(first)) / ((last.atMs - first.atMs) / 1000));
}
