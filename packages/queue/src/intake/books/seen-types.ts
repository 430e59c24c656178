import type { Redis } from "ioredis";
import { MAX_TYPE_LENGTH, SEEN_TYPES_DAYS, SEEN_TYPES_KEPT_DAYS } from "../../limits.ts";
import { RESULTS, type Result } from "./numbers.ts";

/** How many events of a type a source sent in the last days, and how they ended. */
export type SeenType = Readonly<Record<Result, number>> & {
  /** The type; `OTHER_TYPE` stands for all types above the number that is kept for a source in a day. */
  readonly type: string;
  /** When the last event of the type was understood, in milliseconds since 1970. */
  readonly lastMs: number;
};

export const OTHER_TYPE = "other";

const DAY_MS = 86_400_000;

/** The key of a source's types of one day, in Coordinated Universal Time. */
export function seenTypesKey(tag: string, source: string, atMs: number): string {
  return `${tag}:types:${Math.floor(atMs / DAY_MS)}:${source}`;
}

/** A type as it is kept. Types are a sender's texts: a type that is longer than any real one is cut. */
export function keptType(type: string): string {
  return type.length <= MAX_TYPE_LENGTH ? type : `${type.slice(0, MAX_TYPE_LENGTH).toWellFormed()}…`;
}

/** By source, the types that it sent in the last days, today among them, seven days at most; the most frequent first. */
export async function readSeenTypes(
  redis: Redis,
  tag: string,
  sources: readonly string[],
  nowMs: number,
  days: number = SEEN_TYPES_DAYS,
): Promise<ReadonlyMap<string, readonly SeenType[]>> {
  const seen = await readDays(redis, tag, sources, nowMs, days);
  return new Map([...seen].map(([source, kept]) => [source, summed(kept)]));
}

/** The same day by day: today, yesterday, and so on, as far back as they are kept. */
export async function readSeenDays(
  redis: Redis,
  tag: string,
  sources: readonly string[],
  nowMs: number,
): Promise<ReadonlyMap<string, readonly (readonly SeenType[])[]>> {
  const seen = await readDays(redis, tag, sources, nowMs, SEEN_TYPES_KEPT_DAYS);
  return new Map([...seen].map(([source, kept]) => [source, kept.map((day) => summed([day]))]));
}

type KeptDay = Record<string, string>;

async function readDays(
  redis: Redis,
  tag: string,
  sources: readonly string[],
  nowMs: number,
  days: number,
): Promise<ReadonlyMap<string, readonly KeptDay[]>> {
  const daysMs = Array.from({ length: days }, (_, ago) => nowMs - ago * DAY_MS);
  const asked = redis.pipeline();
  for (const source of sources) for (const day of daysMs) asked.hgetall(seenTypesKey(tag, source, day));
  const answers = ((await asked.exec()) ?? []).map(([error, hash]) => {
    if (error !== null) throw error;
    return hash as KeptDay;
  });
  return new Map(sources.map((source, index) => [source, answers.slice(index * days, (index + 1) * days)]));
}

function summed(days: readonly KeptDay[]): readonly SeenType[] {
  const sums = new Map<string, Record<Result, number> & { lastMs: number }>();
  for (const [type, text] of days.flatMap((day) => Object.entries(day))) {
    const sum = sums.get(type) ?? { made: 0, duplicate: 0, ignored: 0, dead: 0, lastMs: 0 };
    const counts = text.split(" ").map(Number);
    for (const [index, result] of RESULTS.entries()) sum[result] += counts[index] ?? 0;
    sum.lastMs = Math.max(sum.lastMs, counts[RESULTS.length] ?? 0);
    sums.set(type, sum);
  }
  const all = [...sums].map(([type, sum]) => ({ type, ...sum }));
  const events = (seen: SeenType): number => RESULTS.reduce((count, result) => count + seen[result], 0);
  return all.toSorted((a, b) => events(b) - events(a) || (a.type < b.type ? -1 : 1));
}
