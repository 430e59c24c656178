import type { Contestant, Running, Surroundings } from "./contestants.ts";
import { startBenchRedis, type BenchRedis } from "./server.ts";

/** A contestant with a Redis of its own. */
export type Fleet = {
  readonly redis: BenchRedis;
  readonly surroundings: Surroundings;
  readonly door: Running;
  startWorker(): Promise<Running>;
};

export type FleetSettings = Omit<Surroundings, "redisUrl" | "configuration"> & {
  readonly configuration?: string;
  /** Whether the instructions of Redis can be counted. */
  readonly counted?: boolean;
};

/** Starts a contestant's door on an empty Redis, and ends all of it when `measure` is done. */
export async function withFleet<Measured>(
  contestant: Contestant,
  { configuration = "sluice.yaml", counted, ...settings }: FleetSettings,
  measure: (fleet: Fleet) => Promise<Measured>,
): Promise<Measured> {
  const redis = await startBenchRedis(contestant.redisSettings, { counted });
  const running: Running[] = [];
  try {
    const surroundings: Surroundings = { ...settings, configuration, redisUrl: redis.url };
    const door = await contestant.startDoor(surroundings);
    running.push(door);
    const startWorker = async (): Promise<Running> => {
      if (contestant.startWorker === null) throw new Error(`${contestant.name} passes nothing on`);
      const worker = await contestant.startWorker(surroundings);
      running.push(worker);
      return worker;
    };
    return await measure({ redis, surroundings, door, startWorker });
  } finally {
    for (const each of running.toReversed()) await each.stop();
    await redis.stop();
  }
}

/** Starts contestants' fleets one beside the other, for measures in short turns. */
export async function withFleets<Measured>(
  contestants: readonly Contestant[],
  settings: FleetSettings,
  measure: (fleets: readonly { readonly contestant: Contestant; readonly fleet: Fleet }[]) => Promise<Measured>,
): Promise<Measured> {
  const [contestant, ...others] = contestants;
  if (contestant === undefined) return await measure([]);
  return await withFleet(contestant, settings, async (fleet) =>
    withFleets(others, settings, async (fleets) => measure([{ contestant, fleet }, ...fleets])),
  );
}
