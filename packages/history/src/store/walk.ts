import type { HistoryDatabase } from "./connection.ts";
import { LIMITS } from "../limits.ts";
import { filterCondition } from "./filter.ts";
import { openSegment } from "./open-segment.ts";
import type { Stream } from "./segment.ts";

/** An opened segment that may hold the names looked for. */
export type Opened = { readonly fromMicros: number; readonly untilMicros: number; readonly lines: readonly string[] };

export type WalkOptions = {
  readonly stream: Stream;
  /** A line must hold all of these names. */
  readonly names: readonly string[];
  /** A line must hold one of these names, where any is given. */
  readonly anyOf?: readonly string[];
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly order: "newest" | "oldest";
};

type Row = { number: string; from_micros: string; until_micros: string };
/** Rows of the first list tell the newest number there is too. */
type FirstRow = Row & { newest?: string };

/**
 * The segments that may hold the names, the newest first by their ends, or the oldest first by their beginnings: every segment that is
 * still closed is older than that end, or newer than that beginning. Segments whose filters say no are not opened. A segment that was joined
 * meanwhile of one that was opened and one that was not stands before the place that the walk has come to: it comes next, and tells again
 * what was told.
 * @param isOver asked between a few segments; the walk ends once it is true
 */
export async function* walk(
  database: HistoryDatabase,
  { stream, names, anyOf = [], fromMicros, untilMicros, order }: WalkOptions,
  isOver: () => boolean,
): AsyncGenerator<Opened, void> {
  const conditions = [
    "stream = $1 and from_micros <= $2 and until_micros >= $3",
    ...names.map(filterCondition),
    ...(anyOf.length === 0 ? [] : [`(${anyOf.map((name) => `(${filterCondition(name)})`).join(" or ")})`]),
  ].join(" and ");
  const { by, after, direction } = ORDERS[order];
  const select = (columns: string): string =>
    `select number, from_micros, until_micros${columns} from sluice_history.segments where ${conditions}`;
  const asked = [stream, Math.floor(untilMicros), Math.floor(fromMicros)];
  const late = lateJoins(database, select(""), order);
  let place: readonly [until: string, number: string] | null = null;
  for (let hasBegun = false; ; hasBegun = true) {
    if (isOver()) throw new OutOfTimeError();
    // One look at all filters lists many segments: the plan reads them all, however few are wanted.
    const rows: FirstRow[] = await database.query<FirstRow>(
      `${hasBegun ? select("") : select(NEWEST)}${place === null ? "" : ` and (${by}, number) ${after} ($4, $5)`}
        order by ${by} ${direction}, number ${direction} limit ${LIMITS.listedAtOnce}`,
      [...asked, ...(place ?? [])],
    );
    if (!hasBegun) late.begin(Number(rows[0]?.newest ?? 0));
    // Asked after the list: whatever was joined before it is seen by one of the two.
    const joined: readonly Row[] = place === null ? [] : await late.since(asked, place);
    let isWhole = true;
    for (const some of chunksOf([...joined, ...rows], LIMITS.openAtOnce)) {
      if (isOver()) throw new OutOfTimeError();
      const bodies = await bodiesOf(database, some);
      for (const row of some) {
        const body = bodies.get(row.number);
        // It was joined into another one since it was listed, which the next list has.
        isWhole = body !== undefined;
        if (body === undefined) break;
        late.opened(row);
        const times = { fromMicros: Number(row.from_micros), untilMicros: Number(row.until_micros) };
        const lines = await openSegment(database, body, { stream, number: row.number, ...times });
        if (lines !== null) yield { ...times, lines };
        if (!joined.includes(row)) place = [row[by], row.number];
      }
      if (!isWhole) break;
    }
    if (isWhole && rows.length < LIMITS.listedAtOnce) return;
  }
}

async function bodiesOf(database: HistoryDatabase, rows: readonly Row[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = await database.query<{ number: string; body: Uint8Array }>(
    "select number, body from sluice_history.segments where number = any($1::int8[])",
    [rows.map(({ number }) => number)],
  );
  return new Map(found.map(({ number, body }) => [number, body]));
}

function* chunksOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

const ORDERS = {
  newest: {
    by: "until_micros",
    after: "<",
    direction: "desc",
    passed: "from_micros <= $5 and (until_micros, number) >= ($5, $6)",
  },
  oldest: {
    by: "from_micros",
    after: ">",
    direction: "asc",
    passed: "until_micros >= $5 and (from_micros, number) <= ($5, $6)",
  },
} as const;

const NEWEST = ", (select max(number) from sluice_history.segments) as newest";

/**
 * Segments that were made since a walk began and reach from before the place that it has come to beyond it: some of their lines stood in
 * segments that it would have opened later, and that are gone.
 */
function lateJoins(database: HistoryDatabase, select: string, order: WalkOptions["order"]) {
  let firstNumber = 0;
  const known = new Set<string>();
  return {
    begin(newestNumber: number): void {
      // A join that is under way took its number before others that are written already.
      firstNumber = newestNumber - LIMITS.writtenAtOnce;
    },
    opened({ number }: Pick<Row, "number">): void {
      if (Number(number) > firstNumber) known.add(number);
    },
    /** The joined segments that were not told yet. */
    async since(asked: readonly unknown[], place: readonly [string, string]): Promise<readonly Row[]> {
      return await database.query<Row>(
        `${select} and number > $4 and ${ORDERS[order].passed} and number <> all($7::int8[])`,
        [...asked, firstNumber, ...place, [...known]],
      );
    },
  };
}

/** A search had no more time. The caller of the walk knows how far it came. */
export class OutOfTimeError extends Error {
  override readonly name = "OutOfTimeError";

  constructor() {
    super("the search had no more time");
  }
}
