import type { HistoryDatabase } from "./connection.ts";
import { LIMITS } from "../limits.ts";
import { filterCondition } from "./filter.ts";
import { unpack, type Stream } from "./segment.ts";

/** An opened segment that may hold the names looked for. */
export type Opened = { readonly fromMicros: number; readonly untilMicros: number; readonly lines: readonly string[] };

export type Asked = {
  readonly stream: Stream;
  /** A line must hold all of these names. */
  readonly names: readonly string[];
  /** A line must hold one of these names, where any is given. */
  readonly anyOf?: readonly string[];
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly order: "newest" | "oldest";
};

type Row = { number: string; from_micros: string; until_micros: string; body: Uint8Array };

/**
 * The segments that may hold the names, the newest first by their ends, or the oldest first by their beginnings: every segment that is
 * still closed is older than that end, or newer than that beginning. Segments whose filters say no are not opened.
 * @param isOver asked between a few segments; the walk ends once it is true
 */
export async function* walk(
  database: HistoryDatabase,
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
      yield {
        fromMicros: Number(from_micros),
        untilMicros: Number(until_micros),
        lines: await unpack(database.encryption.open(body)),
      };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < LIMITS.openAtOnce) return;
    place = [last[by], last.number];
  }
  throw new OutOfTimeError();
}

/** A search had no more time. The caller of the walk knows how far it came. */
export class OutOfTimeError extends Error {
  override readonly name = "OutOfTimeError";

  constructor() {
    super("the search had no more time");
  }
}
