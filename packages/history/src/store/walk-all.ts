import { LIMITS } from "../limits.ts";
import type { HistoryDatabase } from "./connection.ts";
import { filterCondition } from "./filter.ts";
import { openSegment } from "./open-segment.ts";
import type { Stream } from "./segment.ts";

/**
 * The lines of all segments that may hold the names, in the order in which they were written. Segments that are joined meanwhile have a later
 * number than each of their parts: no line is passed by, and some are told twice. @returns false: `isOver` ended it
 */
export async function walkAll(
  database: HistoryDatabase,
  { stream, names }: { readonly stream: Stream; readonly names: readonly string[] },
  isOver: () => boolean,
  hear: (lines: readonly string[]) => void,
): Promise<boolean> {
  const conditions = ["stream = $1 and number > $2", ...names.map(filterCondition)].join(" and ");
  let last = "0";
  while (!isOver()) {
    const rows = await database.query<{ number: string; from_micros: string; until_micros: string; body: Uint8Array }>(
      `select number, from_micros, until_micros, body from sluice_history.segments
        where ${conditions} order by number limit ${LIMITS.openAtOnce}`,
      [stream, last],
    );
    for (const { number, from_micros: from, until_micros: until, body } of rows) {
      const place = { stream, number, fromMicros: Number(from), untilMicros: Number(until) };
      hear((await openSegment(database, body, place)) ?? []);
    }
    if (rows.length < LIMITS.openAtOnce) return true;
    last = rows.at(-1)!.number;
  }
  return false;
}
