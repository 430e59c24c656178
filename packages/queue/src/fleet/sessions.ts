import type { Redis } from "ioredis";
import { workerConnection } from "../intake/names.ts";
import { ownerOf } from "../connection/owner.ts";
import { BEAT_KEEP_MS, DEATH_LOOK_EVERY_MS, SILENT_MS } from "../limits.ts";

/**
 * Finds workers that died while they held flights. A worker says every two seconds that it lives; one is dead when two looks, a
 * second apart, found its connection gone, or found it silent for longer than it is believed.
 */
export type SessionWatch = {
  /** Looks once. @returns the sessions that are dead; each is returned until `buried` is called with it */
  look(): Promise<readonly string[]>;
  buried(session: string): Promise<void>;
};

export function watchSessions(redis: Redis, tag: string, own: string): SessionWatch {
  const key = `${tag}:beats`;
  /** Sessions that the look before found dead. */
  let suspected: ReadonlySet<string> = new Set();
  let looks = 0;

  return {
    async look() {
      const [[seconds, micros], flat] = await Promise.all([
        ownerOf(redis, tag).time(),
        redis.zrange(key, "0", "-1", "WITHSCORES"),
      ]);
      const nowMs = Number(seconds) * 1000 + Number(micros) / 1000;
      const silent = new Map<string, number>();
      for (let at = 0; at < flat.length; at += 2) {
        const silentMs = nowMs - Number(flat[at + 1]);
        // A process that starts on the data of its killed predecessor does not wait until that one has been silent for long.
        if (flat[at] !== own && (silentMs > SILENT_MS || looks < 2)) silent.set(flat[at]!, silentMs);
      }
      looks += 1;
      const clients = silent.size === 0 ? "" : String(await ownerOf(redis, tag).client("LIST"));
      const found = new Set(
        [...silent].flatMap(([session, silentMs]) => {
          const isConnected = clients.includes(` name=${workerConnection(session)} `);
          return isConnected && silentMs <= BEAT_KEEP_MS ? [] : [session];
        }),
      );
      const dead = [...found].filter((session) => suspected.has(session));
      suspected = found;
      return dead;
    },
    async buried(session) {
      await leave(redis, tag, session);
    },
  };
}

export type DeathWatchOptions = {
  /** The Redis was started by this process: a worker from before can have no connection. */
  readonly isAlone: boolean;
  readonly takeOver: (session: string) => Promise<void>;
  readonly onError: (error: Error) => void;
};

/** Looks again and again, and tells of each dead session until `takeOver` resolves for it. */
export function tellDeaths(
  redis: Redis,
  tag: string,
  own: string,
  { isAlone, takeOver, onError }: DeathWatchOptions,
): { close(): void } {
  const sessions = watchSessions(redis, tag, own);
  let isLooking = false;
  const look = async (): Promise<void> => {
    for (const dead of await sessions.look()) {
      await takeOver(dead);
      await sessions.buried(dead);
    }
  };
  const looks = (times: number): void => {
    if (isLooking || redis.status !== "ready") return;
    isLooking = true;
    const all = async (): Promise<void> => {
      for (let time = 0; time < times; time += 1) await look();
    };
    all()
      .catch(onError)
      .finally(() => (isLooking = false));
  };
  const timer = setInterval(() => looks(1), DEATH_LOOK_EVERY_MS);
  timer.unref();
  if (isAlone) looks(2);
  return { close: () => clearInterval(timer) };
}

/** Says that this worker lives. */
export async function beat(redis: Redis, tag: string, session: string): Promise<void> {
  const [seconds, micros] = await ownerOf(redis, tag).time();
  await redis.zadd(`${tag}:beats`, Number(seconds) * 1000 + Math.floor(Number(micros) / 1000), session);
}

/** Forgets a session whose flights were given back, by its worker or by others. */
export async function leave(redis: Redis, tag: string, session: string): Promise<void> {
  await Promise.all([redis.zrem(`${tag}:beats`, session), redis.hdel(`${tag}:serves`, session)]);
}

export async function livingWorkers(redis: Redis, tag: string): Promise<number> {
  const [seconds] = await ownerOf(redis, tag).time();
  return await redis.zcount(`${tag}:beats`, Number(seconds) * 1000 - BEAT_KEEP_MS, "+inf");
}
