import { setTimeout as wait } from "node:timers/promises";
import { assertSupported, createAcknowledgement, type Ack } from "./acknowledgement.ts";
import { createAdmission, type Admission } from "./admission.ts";
import { connect, ready } from "./connection.ts";
import { createCupboard, type Cupboard } from "./cupboard.ts";
import { answerDoorbell, createDoorbell, type Doorbell } from "./doorbell.ts";
import { createGate, type Gate } from "./gate.ts";
import { createJobPlaces, type JobPlaces } from "./job-places.ts";
import { createLane, laneTag, type Lane } from "./lane.ts";
import { CLOSE_MS, PRESSED_RETRY_AFTER_S, RING_AFTER_MS } from "./limits.ts";
import type { MemoryBudget } from "./pressure.ts";
import { QueueUnavailableError } from "./unavailable.ts";
import { watchServer, type ServerState, type ServerWatch } from "./watch.ts";

/** All that Sluice keeps in Redis. */
export type Queue = {
  readonly admission: Admission;
  lane(destination: string): Lane;
  /** Whether requests to the destination may start. */
  gate(destination: string): Gate;
  /**
   * Answers the destination's doorbell: `answer` is called when something may be due, and resolves when nothing is left
   * that this process could take. It must not reject.
   */
  answer(destination: string, answer: () => Promise<void>): { close(): Promise<void> };
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
  const blocking = options.kind === "worker" ? connect(options.redisUrl, "worker", onError) : null;
  const { ack = "redis", memoryBudget = null } = options;
  const confirming = ack === "redis" ? redis : connect(options.redisUrl, options.kind, onError);
  const disconnect = (): void => {
    for (const each of [redis, blocking, confirming]) each?.disconnect();
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
  const bells = new Map<string, Doorbell>();
  const lanes = new Map<string, Lane>();
  const gates = new Map<string, Gate>();
  const soon = new Set<Doorbell>();
  const ringing = new Set<Promise<void>>();

  const ring = async (doorbell: Doorbell): Promise<void> => {
    // Idle workers were nudged already: what BullMQ does for a doorbell must not stand in their way, and one rings for all
    // that comes in meanwhile.
    await wait(RING_AFTER_MS);
    soon.delete(doorbell);
    await doorbell.ring();
  };
  const ringSoon = (doorbell: Doorbell): void => {
    if (soon.has(doorbell)) return;
    soon.add(doorbell);
    const rung: Promise<void> = ring(doorbell)
      // Workers look by themselves every second, so the admission stands.
      .catch((error: unknown) => onError(error instanceof Error ? error : new Error(String(error))))
      .finally(() => ringing.delete(rung));
    ringing.add(rung);
  };
  for (const destination of options.destinations) {
    const doorbell = createDoorbell(redis, laneTag(namespace, destination));
    bells.set(destination, doorbell);
    gates.set(destination, createGate(redis, laneTag(namespace, destination)));
    const { dedupeWindowMs, orderingHorizonMs } = options;
    const lane = createLane(redis, {
      namespace,
      destination,
      dedupeWindowMs,
      orderingHorizonMs,
      acknowledgement,
      ring: () => ringSoon(doorbell),
    });
    lanes.set(destination, lane);
  }

  function of<T>(parts: ReadonlyMap<string, T>, destination: string): T {
    const found = parts.get(destination);
    if (found === undefined) throw new Error(`no lane for destination "${destination}"`);
    return found;
  }

  function assertRoom(): void {
    const { pressed, facts, budgetBytes } = watch.state;
    if (!pressed) return;
    throw new QueueUnavailableError(
      `Redis uses ${facts.usedBytes} bytes of the ${budgetBytes} that redis_memory_budget allows it`,
      { retryAfterSeconds: PRESSED_RETRY_AFTER_S },
    );
  }

  return {
    admission: createAdmission((destination) => of(lanes, destination), assertRoom),
    lane: (destination) => of(lanes, destination),
    gate: (destination) => of(gates, destination),
    get server() {
      return watch.state;
    },

    answer(destination, answer) {
      if (blocking === null) throw new Error("this queue was opened for a door, not for a worker");
      return answerDoorbell(blocking, laneTag(namespace, destination), { answer, onError });
    },

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

    async close() {
      const closeBells = async (): Promise<void> => {
        await Promise.all(ringing);
        await Promise.allSettled([...bells.values()].map(async (each) => await each.close()));
      };
      // A Redis that is away answers to none of it.
      await Promise.race([closeBells(), wait(CLOSE_MS, undefined, { ref: false })]);
      watch.close();
      disconnect();
    },
  };
}
