import type { Redis } from "ioredis";
import { BACKFILL_JOB_WEBHOOKS, BACKFILL_JOBS, BACKFILL_SHARE, INTAKE_SHARE } from "../limits.ts";
import { ownerOf } from "../connection/owner.ts";
import type { ServerState } from "../server/watch.ts";
import { registerConfiguration, type Digests } from "./configurations.ts";
import type { IntakeDoor } from "./door.ts";
import type { IntakeWebhook } from "./webhook.ts";

/** The way in for webhooks of the past, and for rows of files: they are understood when no live webhook waits. */
export type Backfill = {
  /**
   * How many webhooks of these sources may be added now, or why none.
   * @param pace by destination: how many records may be due there; where more are, they go first
   */
  room(sources: Iterable<string>, pace: ReadonlyMap<string, number>): Promise<number | BackfillWait>;
  /** The number of this process' door, which makes arrivals that it gives by itself unique. */
  session(): Promise<number>;
  /**
   * Adds webhooks that are to be understood by this configuration, or a newer one. Adding the same again changes nothing: they are known by
   * their arrivals and their run.
   * @throws QueueUnavailableError
   */
  add(webhooks: readonly IntakeWebhook[], digests: Digests): Promise<void>;
  /** Jobs of the past that are not yet understood. */
  waiting(): Promise<number>;
};

/**
 * `queue`: what was added before is not understood yet. `destination`: one has enough to write. `redis`: what is left of Redis' budget
 * belongs to live webhooks. `letters`: the dead letters of one of the sources have no room.
 */
export type BackfillWait = "queue" | "destination" | "redis" | "letters";

export type BackfillParts = {
  readonly redis: Redis;
  readonly tag: string;
  /** The tags of a destination's lanes. */
  readonly lanesOf: (destination: string) => Promise<readonly string[]>;
  readonly door: () => Promise<IntakeDoor>;
  readonly server: () => ServerState;
  readonly isFull: (source: string) => boolean;
};

export function createBackfill({ redis, tag, lanesOf, door, server, isFull }: BackfillParts): Backfill {
  let registered: { readonly digests: Digests; readonly number: number } | null = null;

  async function waiting(): Promise<number> {
    const queue = `${tag}:backfill`;
    const counts = await Promise.all([
      redis.llen(`${queue}:wait`),
      redis.llen(`${queue}:active`),
      redis.llen(`${queue}:paused`),
      redis.zcard(`${queue}:delayed`),
    ]);
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** How many more records may fall due where there is least room. */
  async function leftOf(pace: ReadonlyMap<string, number>): Promise<number> {
    const left = [...pace].map(async ([destination, most]) => {
      const due = (await lanesOf(destination)).map(async (lane) => {
        const [seconds] = await ownerOf(redis, lane).time();
        return await redis.zcount(`${lane}:due`, "-inf", (Number(seconds) + 1) * 1000);
      });
      return most - (await Promise.all(due)).reduce((sum, count) => sum + count, 0);
    });
    return Math.min(BACKFILL_JOB_WEBHOOKS, ...(await Promise.all(left)));
  }

  return {
    waiting,
    async room(sources, pace) {
      const [jobs, bytes, left] = await Promise.all([waiting(), redis.get(`${tag}:bytes`), leftOf(pace)]);
      const { facts, budgetBytes, pressed } = server();
      if (pressed || !hasRoom(budgetBytes, facts.usedBytes, Number(bytes ?? 0))) return "redis";
      for (const source of sources) if (isFull(source)) return "letters";
      if (jobs >= BACKFILL_JOBS) return "queue";
      return left > 0 ? left : "destination";
    },
    session: async () => (await door()).session,
    async add(webhooks, digests) {
      if (registered?.digests !== digests) {
        registered = { digests, number: await registerConfiguration(redis, tag, digests) };
      }
      await (await door()).addBackfill(webhooks, { configuration: registered.number, digests });
    },
  };
}

/** Whether a budget leaves the past some room: a part of it, and half of what may wait to be understood, stay with live webhooks. */
export function hasRoom(budgetBytes: number | null, usedBytes: number, waitingBytes: number): boolean {
  if (budgetBytes === null) return true;
  return usedBytes < budgetBytes * BACKFILL_SHARE && waitingBytes < (budgetBytes * INTAKE_SHARE) / 2;
}
