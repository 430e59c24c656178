import type { Redis } from "ioredis";
import { FOUND_PAGE } from "../limits.ts";
import { serversOf } from "../owner.ts";

/** Keys in pages; a key that comes or goes meanwhile may be missed, and a key may come twice. */
export async function* keysLike(redis: Redis, pattern: string): AsyncIterable<readonly string[]> {
  for (const server of serversOf(redis)) {
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
