import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { SECOND_LOOK_MS } from "../limits.ts";
import { ownerOf } from "../connection/owner.ts";
import { workerConnection } from "./names.ts";
import { runIntake } from "./scripts.ts";

/** The places of a job, beside the numbers of its webhooks, at which a worker can be. */
export const PLACES = { all: -1, decoding: -2 } as const;

/** How many workers died at each place of a job. Null: none died. */
export type Deaths = { at(place: number): number } | null;

/** Keeps the place of this process' session in each job, so that another process can see where it died. */
export type Sessions = {
  /** Writes the place down. Not waited for where nobody had the job before: should this process die, another one finds the place or none. */
  place(job: string, place: number): Promise<void>;
  /** Does the work of a job. Where it fails the place is taken away: a worker that dies later does not die at this job, which anybody tries again. */
  having(job: string, work: () => Promise<void>): Promise<void>;
  /** Takes the place away, unless another worker has the job by now. */
  leave(job: string): Promise<void>;
  /**
   * Finds out whether the worker that had the job before died: its connection is gone at two looks. A worker that only lost
   * its lock, because its event loop stood, still has its connection.
   */
  inquire(job: string, webhooks: number): Promise<Deaths>;
};

/** `secondLookMs`: 0 where a connection that is not found can't come back. */
export function createSessions(
  redis: Redis,
  tag: string,
  session: string,
  secondLookMs: number = SECOND_LOOK_MS,
): Sessions {
  const entry = (place: number): string => `${session}:${place}`;

  async function isGone(other: string): Promise<boolean> {
    const looks = async (): Promise<boolean> => {
      const clients = String(await ownerOf(redis, tag).client("LIST"));
      return !clients.includes(` name=${workerConnection(other)} `);
    };
    if (!(await looks())) return false;
    await wait(secondLookMs);
    return await looks();
  }

  async function deathsOf(job: string, webhooks: number): Promise<Deaths> {
    const places = Array.from({ length: webhooks + 2 }, (_, index) => index - 2);
    const counts = await redis.hmget(`${tag}:deaths`, ...places.map((place) => `${job}:${place}`));
    const deaths = new Map(places.map((place, index) => [place, Number(counts[index] ?? 0)]));
    if ([...deaths.values()].every((count) => count === 0)) return null;
    return { at: (place) => deaths.get(place) ?? 0 };
  }

  async function leave(job: string): Promise<void> {
    const found = await redis.hget(`${tag}:working`, job);
    if (found?.startsWith(`${session}:`) === true) await redis.hdel(`${tag}:working`, job);
  }

  return {
    leave,
    async having(job, work) {
      try {
        await work();
      } catch (error) {
        await leave(job).catch(() => {});
        throw error;
      }
    },
    async place(job, place) {
      await redis.hset(`${tag}:working`, job, entry(place));
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
