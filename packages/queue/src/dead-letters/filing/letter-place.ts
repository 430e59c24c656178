import type { Redis } from "ioredis";
import { run } from "../../connection/connection.ts";
import { ownerOf } from "../../connection/owner.ts";
import { LETTER_BACK_MS } from "../../limits.ts";
import type { OlderRow } from "./letter-archive.ts";
import type { DeadLetterPosition } from "../dead-letter-store.ts";

/** One lane, or the intake, as letters leave it for the history and come back. The protocol is that of file_begin.lua and its like. */
export type LetterPlace = {
  readonly tag: string;
  readonly destination: string;
  /** The bytes that letters take here, by source. */
  bytes(): Promise<ReadonlyMap<string, number>>;
  /** Letters that count for the source, the oldest first, behind a place. */
  oldest(source: string, after: DeadLetterPosition | null, most: number): Promise<OldestLetters>;
  /** @returns the batch, and rows of letters that have left in earlier ones */
  begin(): Promise<{ readonly batch: string; readonly left: readonly string[] }>;
  take(batch: string, day: string, letters: readonly TakenLetter[]): Promise<"closed" | readonly TakenWord[]>;
  /** The rows are good by now. */
  end(rows: readonly string[]): Promise<void>;
  /** The rows that Redis still speaks of. */
  standing(): Promise<LetterStanding>;
  /** How many letters of it stand in the history, by day and source. */
  counts(): Promise<readonly FiledCount[]>;
  /** Forgets counts of days that the history has dropped. */
  dropCounts(counts: readonly FiledCount[]): Promise<void>;
  bringBack(letter: LetterInHistory, said: string): Promise<"back" | "there" | "other" | "gone">;
  /** Keeps a letter from leaving for a while, for an act on it. @returns whether it is here */
  hold(id: string): Promise<boolean>;
  /** A row's letter gave way to the newer one with its id that is here. */
  giveWay(older: OlderRow, newer: { readonly id: string; readonly said: string }): Promise<void>;
  /** Rows of letters that were brought back are deleted. */
  forgotten(rows: readonly string[]): Promise<void>;
  /** Letters that were held may leave again, where the act on them must be over. */
  letGo(): Promise<void>;
};

export type OldestLetters = {
  readonly letters: readonly (DeadLetterPosition & { readonly text: string; readonly said: string })[];
  /** The place behind which the next page begins; null: there is none. */
  readonly next: DeadLetterPosition | null;
};

export type TakenLetter = {
  readonly id: string;
  readonly micros: number;
  readonly row: string;
  /** Null: it leaves wholly. */
  readonly short: string | null;
  readonly older: readonly OlderRow[];
};
export type TakenWord = "taken" | "shortened" | "kept";

/**
 * `left`: rows that are good though the history may not know it yet. `back`: rows that count no more. `over`: those of them that should have
 * been deleted by now.
 */
export type LetterStanding = {
  readonly left: readonly string[];
  readonly back: readonly string[];
  readonly over: readonly string[];
};

export type FiledCount = { readonly day: string; readonly source: string; readonly letters: number };

/** A letter in a row of the history. `text`: as Redis had it. */
export type LetterInHistory = {
  readonly row: string;
  readonly day: string;
  readonly id: string;
  readonly micros: number;
  readonly text: string;
};

/** The hash in which letters in the history are counted: the books, which go where a lane's records go. */
export type FiledBooks = "counts" | "books";

export function createLetterPlace(redis: Redis, tag: string, destination: string, books: FiledBooks): LetterPlace {
  const filing = `${tag}:filing`;
  const back = `${tag}:back`;
  // The times of marks are those of the server that has them.
  const clockMs = async (): Promise<number> => {
    const [seconds] = (await ownerOf(redis, tag).time()) as unknown as readonly string[];
    return Number(seconds) * 1000;
  };
  return {
    tag,
    destination,
    async bytes() {
      const flat = await redis.hgetall(`${tag}:letter-bytes`);
      return new Map(Object.entries(flat).map(([source, bytes]) => [source, Number(bytes)]));
    },
    async oldest(source, after, most) {
      const key = `${tag}:letters:${source}`;
      const page = async (past: number): Promise<readonly DeadLetterPosition[]> => {
        const flat = await redis.zrangebyscore(key, after?.micros ?? "-inf", "+inf", "WITHSCORES", "LIMIT", past, most);
        return flat.flatMap((id, at) => (at % 2 === 0 ? [{ id, micros: Number(flat[at + 1]) }] : []));
      };
      let places: readonly DeadLetterPosition[] = [];
      for (let past = 0; places.length === 0; past += most) {
        const found = await page(past);
        places = found.filter((place) => after === null || isBehind(place, after));
        if (found.length < most) break;
      }
      if (places.length === 0) return { letters: [], next: null };
      const ids = places.map(({ id }) => id);
      const [texts, sources] = await Promise.all([
        redis.hmget(`${tag}:dead`, ...ids),
        redis.hmget(`${tag}:letters`, ...ids),
      ]);
      const letters = places.flatMap((place, at) => {
        const [text, said] = [texts[at], sources[at]];
        // A letter with events of several sources takes the first one's room.
        return text == null || said == null || said.split(",")[0] !== source ? [] : [{ ...place, text, said }];
      });
      return { letters, next: places.at(-1)! };
    },
    async begin() {
      const [batch, ...left] = (await run(redis, "sluice_file_begin", tag, [])) as [string, ...string[]];
      return { batch, left };
    },
    async take(batch, day, letters) {
      const rows = letters.flatMap(({ id, micros, row, short, older }) => [
        id,
        micros,
        row,
        short ?? "",
        older.length,
        ...older.flatMap((each) => [each.row, each.day]),
      ]);
      const args = [batch, day, books, letters.length, ...rows];
      return (await run(redis, "sluice_file_take", tag, args)) as "closed" | readonly TakenWord[];
    },
    async end(rows) {
      if (rows.length > 0) await redis.hdel(filing, ...rows);
    },
    async standing() {
      const [left, marks, nowMs] = await Promise.all([redis.hkeys(filing), redis.hgetall(back), clockMs()]);
      return {
        left: left.filter((row) => row !== "@batch"),
        back: Object.keys(marks),
        over: olderThan(marks, nowMs - LETTER_BACK_MS),
      };
    },
    counts: async () => readFiledCounts(await redis.hgetall(`${tag}:${books}`)),
    async dropCounts(counts) {
      const names = counts.map(({ day, source }) => `${PREFIX}${day}:${source}`);
      if (names.length > 0) await redis.hdel(`${tag}:${books}`, ...names);
    },
    async bringBack({ id, row, day, micros, text }, said) {
      const args = [id, row, day, books, said, micros, text];
      return (await run(redis, "sluice_bring_back", tag, args)) as "back" | "there" | "other" | "gone";
    },
    hold: async (id) => Number(await run(redis, "sluice_hold_letter", tag, [id])) === 1,
    async giveWay({ row, day, micros }, { id, said }) {
      await run(redis, "sluice_bring_back", tag, [id, row, day, books, said, micros, ""]);
    },
    async forgotten(rows) {
      if (rows.length > 0) await redis.hdel(back, ...rows);
    },
    async letGo() {
      const [held, nowMs] = await Promise.all([redis.hgetall(`${tag}:brought`), clockMs()]);
      const ids = olderThan(held, nowMs - LETTER_BACK_MS);
      if (ids.length > 0) await redis.hdel(`${tag}:brought`, ...ids);
    },
  };
}

/** The names whose times (ms) lie before this one. */
function olderThan(times: Readonly<Record<string, string>>, ms: number): readonly string[] {
  return Object.entries(times).flatMap(([name, since]) => (Number(since) < ms ? [name] : []));
}

function isBehind(place: DeadLetterPosition, after: DeadLetterPosition): boolean {
  return place.micros > after.micros || (place.micros === after.micros && place.id > after.id);
}

const PREFIX = "filed:";
const DAY_LENGTH = "2026-11-29".length;

/** The letters that stand in the history, from the hash in which they are counted. */
export function readFiledCounts(books: Readonly<Record<string, string>>): readonly FiledCount[] {
  return Object.entries(books).flatMap(([name, letters]) => {
    if (!name.startsWith(PREFIX)) return [];
    const said = name.slice(PREFIX.length);
    return [{ day: said.slice(0, DAY_LENGTH), source: said.slice(DAY_LENGTH + 1), letters: Number(letters) }];
  });
}

/** The same by source. */
export function filedBySource(counts: readonly FiledCount[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { source, letters } of counts) sums.set(source, (sums.get(source) ?? 0) + letters);
  return sums;
}
