import { createAdmission, type Admission } from "./admission.ts";
import type { Claim } from "./claim.ts";
import { connect, ready } from "./connection.ts";
import { createCupboard, type Cupboard } from "./cupboard.ts";
import { answerDoorbells, createDoorbells, type Doorbells } from "./doorbell.ts";
import { createLane, laneTag, type Lane } from "./lane.ts";
import { LEASE_MS, SWEEP_EVERY_MS } from "./limits.ts";

/** All that Sluice keeps in Redis. */
export type Queue = {
  readonly admission: Admission;
  lane(destination: string): Lane;
  /** Answers the destination's doorbells with `write`, and rings again those that were lost. */
  work(destination: string, options: WorkOptions): Working;
  /** Keeps one text of the destination for the whole fleet, under a name. `lockMs` is longer than making it can take. */
  cupboard(destination: string, name: string, lockMs: number): Cupboard;
  /** Round trip to Redis, in milliseconds. @throws when Redis does not answer. */
  ping(): Promise<number>;
  /** Of the processes that ask under one name, exactly one at a time is told yes, for as long as it asks. */
  elect(office: string, candidate: string, termMs: number): Promise<boolean>;
  close(): Promise<void>;
};

export type WorkOptions = {
  readonly concurrency: number;
  readonly leaseMs?: number;
  /**
   * Writes what the claim holds and settles it on the lane, or gives it back.
   * @returns "held" when it put a hold on the lane and gave the claim back.
   */
  readonly write: (claim: Claim) => Promise<"done" | "held">;
};
export type Working = { close(): Promise<void> };

export type QueueOptions = {
  readonly redisUrl: string;
  readonly kind: "door" | "worker";
  readonly destinations: readonly string[];
  readonly dedupeWindowMs: number;
  readonly orderingHorizonMs: number;
  /** Keeps several Sluices, or tests, apart in one Redis. */
  readonly namespace?: string;
  readonly onError: (error: Error) => void;
};

/** Connects and resolves once Redis answers. */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { namespace = "sluice", onError } = options;
  const redis = connect(options.redisUrl, options.kind, onError);
  const blocking = options.kind === "worker" ? connect(options.redisUrl, "worker", onError) : null;
  await ready(redis);
  const bells = new Map<string, Doorbells>();
  const lanes = new Map<string, Lane>();
  const ringing = new Set<Promise<void>>();

  const ring = (destination: string, records: readonly string[], delayMs: number): void => {
    const rung: Promise<void> = bellsOf(destination)
      .ring(records, delayMs)
      // A lost doorbell is rung again by a worker's sweep, so the admission stands.
      .catch((error: unknown) => onError(error instanceof Error ? error : new Error(String(error))))
      .finally(() => ringing.delete(rung));
    ringing.add(rung);
  };
  for (const destination of options.destinations) {
    bells.set(destination, createDoorbells(redis, laneTag(namespace, destination)));
    const { dedupeWindowMs, orderingHorizonMs } = options;
    const lane = createLane(redis, {
      namespace,
      destination,
      dedupeWindowMs,
      orderingHorizonMs,
      ring: (records, delayMs) => ring(destination, records, delayMs),
    });
    lanes.set(destination, lane);
  }

  function bellsOf(destination: string): Doorbells {
    const found = bells.get(destination);
    if (found === undefined) throw new Error(`no lane for destination "${destination}"`);
    return found;
  }
  function laneOf(destination: string): Lane {
    const found = lanes.get(destination);
    if (found === undefined) throw new Error(`no lane for destination "${destination}"`);
    return found;
  }

  return {
    admission: createAdmission(laneOf),
    lane: laneOf,

    work(destination, { concurrency, leaseMs = LEASE_MS, write }) {
      if (blocking === null) throw new Error("this queue was opened for a door, not for a worker");
      const lane = laneOf(destination);
      const doorbells = bellsOf(destination);
      const answering = answerDoorbells(blocking, laneTag(namespace, destination), {
        concurrency,
        hush: doorbells.hush,
        onError,
        async answer(record) {
          const claimed = await lane.claim(record, 1, leaseMs);
          if (claimed.kind === "held") return { kind: "held", forMs: claimed.forMs };
          for (const claim of claimed.claims) {
            if ((await write(claim)) === "done") continue;
            const { hold } = await lane.numbers();
            if (hold !== null) return { kind: "held", forMs: hold.forMs };
          }
          return { kind: "answered" };
        },
      });
      const sweep = setInterval(() => {
        void (async () => {
          const overdue = await lane.overdue(await doorbells.oldestMs());
          if (overdue.length > 0) await doorbells.ring(overdue, 0);
        })().catch(onError);
      }, SWEEP_EVERY_MS);
      return {
        async close() {
          clearInterval(sweep);
          await answering.close();
        },
      };
    },

    cupboard(destination, name, lockMs) {
      return createCupboard(redis, `${laneTag(namespace, destination)}:cupboard:${name}`, lockMs);
    },

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
      await Promise.allSettled(ringing);
      await Promise.allSettled([...bells.values()].map(async (each) => await each.close()));
      redis.disconnect();
      blocking?.disconnect();
    },
  };
}
