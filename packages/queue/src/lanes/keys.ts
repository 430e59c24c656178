import type { Redis } from "ioredis";
import { FOUND_PAGE } from "../limits.ts";
import { serversOfKeys } from "../connection/owner.ts";

/**
 * Keys in pages; a key that comes or goes meanwhile may be missed, and a key may come twice.
 * @throws Error while a server of the cluster that has keys is away
 */
export async function* keysLike(redis: Redis, pattern: string): AsyncIterable<readonly string[]> {
  for (const server of serversOfKeys(redis)) {
    let cursor = "0";
    do {
      const [next, keys] = await server.scan(cursor, "MATCH", pattern, "COUNT", FOUND_PAGE);
      cursor = next;
      yield keys;
    } while (cursor !== "0");
  }
}

/** The text as part of a pattern, in which each character stands for itself. */
export function escaped(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, String.raw`\$&`);
}

/**
 * Deletes the keys of a lane that goes, apart from `keeps`. The lane's highest token stays, as marks never sink: doors that watch the lane still, and
 * a lane that comes again, would take it for a state that went back.
 */
export async function clearLane(redis: Redis, lane: string, keeps: readonly string[] = []): Promise<void> {
  const gate = `${lane}:gate`;
  const rest = (await redis.hkeys(gate)).filter((field) => field !== "mark");
  if (rest.length > 0) await redis.hdel(gate, ...rest);
  for await (const keys of keysLike(redis, `${escaped(lane)}:*`)) {
    const gone = keys.filter((key) => key !== gate && !keeps.includes(key));
    if (gone.length > 0) await redis.unlink(...gone);
  }
}
