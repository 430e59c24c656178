import type { Database } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";
import { filterCondition } from "./filter.ts";
import { unpack, type Stream } from "./segment.ts";

/** A segment that may hold what is looked for, opened. */
export type Opened = { readonly fromMicros: number; readonly untilMicros: number; readonly lines: readonly string[] };

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

type Row = { number: string; from_micros: string; until_micros: string; body: Uint8Array };

/**
 * The segments that may hold it, the newest first by the times at which they end, or the oldest by those at which they begin: so that
 * all that is still closed is older than the one, or newer than the other. Those between are not opened.
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
  const [by, after, direction] =
    order === "newest" ? (["until_micros", "<", "desc"] as const) : (["from_micros", ">", "asc"] as const);
  let place: readonly [until: string, number: string] | null = null;
  while (!isOver()) {
    const rows: Row[] = await database.query<Row>(
      `select number, from_micros, until_micros, body from sluice_history.segments
        where ${conditions}${place === null ? "" : ` and (${by}, number) ${after} ($4, $5)`}
        order by ${by} ${direction}, number ${direction} limit ${LIMITS.openAtOnce}`,
      [stream, Math.floor(untilMicros), Math.floor(fromMicros), ...(place ?? [])],
    );
    for (const { from_micros, until_micros, body } of rows) {
      yield { fromMicros: Number(from_micros), untilMicros: Number(until_micros), lines: await unpack(body) };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < LIMITS.openAtOnce) return;
    place = [last[by], last.number];
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
