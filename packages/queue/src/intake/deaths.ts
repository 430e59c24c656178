import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { SECOND_LOOK_MS } from "../limits.ts";
import { workerConnection } from "./names.ts";
import { runIntake } from "./scripts.ts";

/** Where a worker was in a job: the number of a webhook, or one of these. */
export const PLACES = { all: -1, decoding: -2 } as const;

/** What is known of the workers that had a job before. `deaths`: by place. Null: none of them died. */
export type Deaths = { at(place: number): number } | null;

/** Keeps where this process' session is in each job, so that another one can see where it died. */
export type Sessions = {
  /** Not waited for where nobody had the job before: should this process die, another one finds it or sees nothing. */
  place(job: string, place: number): Promise<void>;
  leave(job: string): Promise<void>;
  /**
   * Who had the job before, and whether he died: a process whose connection is gone at two looks. One that only lost its
   * lock, because its event loop stood, still has it.
   */
  inquire(job: string, webhooks: number): Promise<Deaths>;
};

export function createSessions(redis: Redis, tag: string, session: string): Sessions {
  const entry = (place: number): string => `${session}:${place}`;

  async function isGone(other: string): Promise<boolean> {
    const looks = async (): Promise<boolean> => {
      const clients = String(await redis.client("LIST"));
      return !clients.includes(` name=${workerConnection(other)} `);
    };
    if (!(await looks())) return false;
    await wait(SECOND_LOOK_MS);
    return await looks();
  }

  async function deathsOf(job: string, webhooks: number): Promise<Deaths> {
    const places = Array.from({ length: webhooks + 2 }, (_, index) => index - 2);
    const counts = await redis.hmget(`${tag}:deaths`, ...places.map((place) => `${job}:${place}`));
    const deaths = new Map(places.map((place, index) => [place, Number(counts[index] ?? 0)]));
    if ([...deaths.values()].every((count) => count === 0)) return null;
    return { at: (place) => deaths.get(place) ?? 0 };
  }

  return {
    async place(job, place) {
      await redis.hset(`${tag}:working`, job, entry(place));
    },
    async leave(job) {
      await redis.hdel(`${tag}:working`, job);
    },
    async inquire(job, webhooks) {
      const found = await redis.hget(`${tag}:working`, job);
      if (found !== null) {
        const colon = found.lastIndexOf(":");
        const [other, place] = [found.slice(0, colon), found.slice(colon + 1)];
        if (other !== session && (await isGone(other))) {
          await runIntake(redis, "died", [tag, job, found, place, entry(PLACES.all)]);
        }
      }
      return await deathsOf(job, webhooks);
    },
  };
}
