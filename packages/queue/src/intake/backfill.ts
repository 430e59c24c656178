import type { Redis } from "ioredis";
import { BACKFILL_JOBS, BACKFILL_SHARE, INTAKE_SHARE } from "../limits.ts";
import type { ServerState } from "../watch.ts";
import { registerConfiguration, type Digests } from "./configurations.ts";
import type { IntakeDoor } from "./door.ts";
import type { IntakeWebhook } from "./webhook.ts";

/** The way in for webhooks of the past, and for rows of files: they are understood when no live webhook waits. */
export type Backfill = {
  /** Whether more may be added now, for these sources. */
  room(sources: Iterable<string>): Promise<BackfillRoom>;
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

/** `queue`: enough of the past waits already. `redis`: what is left of Redis' budget belongs to live webhooks. `letters`: the dead letters of one of the sources have no room. */
export type BackfillRoom = "room" | "queue" | "redis" | "letters";

export type BackfillParts = {
  readonly redis: Redis;
  readonly tag: string;
  readonly door: () => Promise<IntakeDoor>;
  readonly server: () => ServerState;
  readonly isFull: (source: string) => boolean;
};

export function createBackfill({ redis, tag, door, server, isFull }: BackfillParts): Backfill {
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

  return {
    waiting,
    async room(sources) {
      const [jobs, bytes] = await Promise.all([waiting(), redis.get(`${tag}:bytes`)]);
      const { facts, budgetBytes, pressed } = server();
      if (pressed || !hasRoom(budgetBytes, facts.usedBytes, Number(bytes ?? 0))) return "redis";
      for (const source of sources) if (isFull(source)) return "letters";
      return jobs >= BACKFILL_JOBS ? "queue" : "room";
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
