import type { Database } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";
import { filterCondition } from "./filter.ts";
import { unpack, type Stream } from "./segment.ts";

/** A segment that may hold what is looked for, opened. */
export type Opened = { readonly untilMicros: number; readonly lines: readonly string[] };

export type Asked = {
  readonly stream: Stream;
  /** All of these are in a line that is looked for. */
  readonly names: readonly string[];
  /** One of these is, where any is given. */
  readonly anyOf?: readonly string[];
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly order: "newest" | "oldest";
};

type Row = { number: string; until_micros: string; body: Uint8Array };

/**
 * The segments that may hold it, in the order of the times at which they end. Those between are not opened.
 * @param isOver asked between a few: then it ends
 */
export async function* walk(
  database: Database,
  { stream, names, anyOf = [], fromMicros, untilMicros, order }: Asked,
  isOver: () => boolean,
): AsyncGenerator<Opened, void> {
  const conditions = [
    "stream = $1 and from_micros <= $2 and until_micros >= $3",
    ...names.map(filterCondition),
    ...(anyOf.length === 0 ? [] : [`(${anyOf.map((name) => `(${filterCondition(name)})`).join(" or ")})`]),
  ].join(" and ");
  const [after, direction] = order === "newest" ? ["<", "desc"] : [">", "asc"];
  let place: readonly [until: string, number: string] | null = null;
  while (!isOver()) {
    const rows: Row[] = await database.query<Row>(
      `select number, until_micros, body from sluice_history.segments
        where ${conditions}${place === null ? "" : ` and (until_micros, number) ${after} ($4, $5)`}
        order by until_micros ${direction}, number ${direction} limit ${LIMITS.openAtOnce}`,
      [stream, Math.floor(untilMicros), Math.floor(fromMicros), ...(place ?? [])],
    );
    for (const { until_micros, body } of rows) yield { untilMicros: Number(until_micros), lines: await unpack(body) };
    const last = rows.at(-1);
    if (last === undefined || rows.length < LIMITS.openAtOnce) return;
    place = [last.until_micros, last.number];
  }
  throw new OutOfTimeError();
}

/** A search had no more time; how far it came is known to whoever walked. */
export class OutOfTimeError extends Error {
  override readonly name = "OutOfTimeError";

  constructor() {
    super("the search had no more time");
  }
}
