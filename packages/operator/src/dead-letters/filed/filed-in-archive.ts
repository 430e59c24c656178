import type { DeadLetter, FiledInRedis } from "@sluice/queue";
import { wantsDeadLetter } from "../filter.ts";
import type { FiledArchive } from "./filed-archive.ts";
import type { FiledLetters } from "./filed-letters.ts";

const PAGE_LETTERS = 100;

/** Letters that stand in the history, for a process that has it. What Redis says of a row counts. */
export function filedInArchive(archive: FiledArchive, redis: FiledInRedis): FiledLetters {
  async function letterOf({
    destination,
    text,
  }: {
    readonly destination: string;
    readonly text: string;
  }): Promise<DeadLetter> {
    return { ...(JSON.parse(text) as DeadLetter), destination: await redis.destinationNow(destination) };
  }
  return {
    async *newest(filter, after) {
      const { sinceMs, untilMs, ...names } = filter;
      let before: { readonly value: number; readonly id: string } | null =
        after === undefined ? null : { value: after.micros, id: after.id };
      for (;;) {
        const standing = { ...(await redis.rows()), ids: [] };
        const asked = { by: "kept", before, limit: PAGE_LETTERS } as const;
        const { letters, next } = await archive.page({ ...definite(names), sinceMs, untilMs }, standing, asked);
        // Redis is asked after the history: a letter that came back meanwhile is among its own.
        const held = await redis.held(letters);
        for (const filed of letters) {
          const letter = await letterOf(filed);
          if (held.has(filed.id) || !wantsDeadLetter(filter, letter)) continue;
          yield { letter, place: { micros: filed.micros, id: filed.id } };
        }
        if (next === null) return;
        before = next;
      }
    },
    async find(id) {
      const [filed] = await archive.named(id, await redis.rows());
      return filed === undefined ? null : await letterOf(filed);
    },
    async rest({ id, row, destination }) {
      const filed = row === undefined ? null : await archive.rest(id, row);
      return filed === null ? null : { ...(await letterOf(filed)), destination };
    },
    async bringBack(id) {
      // Mostly one. Where an event failed again since, the newest counts, and what Redis has before all of them.
      let isBack = false;
      for (const filed of await archive.named(id, await redis.rows())) {
        const word = await redis.bringBack(filed.destination, filed);
        isBack ||= word !== "gone";
        await archive.forget([filed.row]);
        await redis.forgotten(filed.destination, filed);
      }
      return isBack;
    },
  };
}

function definite<T extends object>(names: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined)) as never;
}
