import { assertSupported, createAcknowledgement, type Ack } from "./acknowledgement.ts";
import { createMerging, type Merging } from "./merging.ts";
import { connect, ready } from "./connection.ts";
import { createCupboard, type Cupboard } from "./cupboard.ts";
import { createGate, type Gate } from "./gate.ts";
import { createJobPlaces, type JobPlaces } from "./job-places.ts";
import { createLane, laneTag, type Lane } from "./lane.ts";
import { onNudge } from "./nudges.ts";
import type { MemoryBudget } from "./pressure.ts";
import { nextRun } from "./replay-number.ts";
import { watchServer, type ServerState, type ServerWatch } from "./watch.ts";

/** All that Sluice keeps in Redis. */
export type Queue = {
  readonly merging: Merging;
  lane(destination: string): Lane;
  /** Whether requests to the destination may start. */
  gate(destination: string): Gate;
  /** Calls `look` when records of the destination may have become due; a worker looks by itself beside it. */
  onNudge(destination: string, look: () => void): { close(): void };
  /** Keeps one text of the destination for the whole fleet, under a name. `lockMs` is longer than making it can take. */
  cupboard(destination: string, name: string, lockMs: number): Cupboard;
  /** The fleet's places for jobs that the destination works on. */
  jobPlaces(destination: string, places: number): JobPlaces;
  /** What is known of the Redis server, at most a second old while it answers. */
  readonly server: ServerState;
  /** Round trip to Redis, in milliseconds. @throws when Redis does not answer. */
  ping(): Promise<number>;
  /** Of the processes that ask under one name, exactly one at a time is told yes, for as long as it asks. */
  elect(office: string, candidate: string, termMs: number): Promise<boolean>;
  /** The number of a replay, larger than that of every one before. */
  nextRun(): Promise<number>;
  close(): Promise<void>;
};

export type QueueOptions = {
  readonly redisUrl: string;
  readonly kind: "door" | "worker";
  readonly destinations: readonly string[];
  readonly dedupeWindowMs: number;
  readonly orderingHorizonMs: number;
  /** Keeps several Sluices, or tests, apart in one Redis. */
  readonly namespace?: string;
  /** What must have happened before an admission resolves; without it, that Redis carried it out. */
  readonly ack?: Ack;
  /** How much of its memory Redis may use before nothing is admitted; without it, there is no bound. */
  readonly memoryBudget?: MemoryBudget;
  readonly onError: (error: Error) => void;
};

/**
 * Connects and resolves once Redis answers.
 * @throws AckUnsupportedError (`code` "ack_unsupported") when this Redis can't confirm what `ack` asks for
 */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { namespace = "sluice", onError } = options;
  const redis = connect(options.redisUrl, options.kind, onError);
  const { ack = "redis", memoryBudget = null } = options;
  const confirming = ack === "redis" ? redis : connect(options.redisUrl, options.kind, onError);
  const disconnect = (): void => {
    for (const each of [redis, confirming]) each.disconnect();
  };
  const begin = async (): Promise<ServerWatch> => {
    await ready(redis);
    const begun = await watchServer(redis, memoryBudget, onError);
    try {
      assertSupported(ack, begun.state.facts);
      await ready(confirming);
      return begun;
    } catch (error) {
      begun.close();
      throw error;
    }
  };
  const watch = await begin().catch((error: unknown) => {
    disconnect();
    throw error;
  });
  const acknowledgement = createAcknowledgement(confirming, ack);
  const lanes = new Map<string, Lane>();
  const gates = new Map<string, Gate>();
  for (const destination of options.destinations) {
    gates.set(destination, createGate(redis, laneTag(namespace, destination)));
    const { dedupeWindowMs, orderingHorizonMs } = options;
    const lane = createLane(redis, {
      namespace,
      destination,
      dedupeWindowMs,
      orderingHorizonMs,
      acknowledgement,
    });
    lanes.set(destination, lane);
  }

  function of<T>(parts: ReadonlyMap<string, T>, destination: string): T {
    const found = parts.get(destination);
    if (found === undefined) throw new Error(`no lane for destination "${destination}"`);
    return found;
  }

  return {
    merging: createMerging((destination) => of(lanes, destination)),
    lane: (destination) => of(lanes, destination),
    gate: (destination) => of(gates, destination),
    get server() {
      return watch.state;
    },

    onNudge: (destination, look) => onNudge(redis, laneTag(namespace, destination), { look, onError }),

    cupboard(destination, name, lockMs) {
      return createCupboard(redis, `${laneTag(namespace, destination)}:cupboard:${name}`, lockMs);
    },

    jobPlaces: (destination, places) => createJobPlaces(redis, laneTag(namespace, destination), places),

    async ping() {
      const start = performance.now();
      await redis.ping();
      return performance.now() - start;
    },

    async elect(office, candidate, termMs) {
      const key = `${namespace}:office:${office}`;
      const held = await redis.set(key, candidate, "PX", termMs, "NX");
      if (held === "OK") return true;
      if ((await redis.get(key)) !== candidate) return false;
      await redis.pexpire(key, termMs);
      return true;
    },

    nextRun: async () => await nextRun(redis, namespace),

    async close() {
      watch.close();
      disconnect();
    },
  };
}
