import type { Database } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";
import { readFlown } from "../written/flown.ts";
import { namesOfFlown, namesOfUnderstood } from "../written/names.ts";
import { readUnderstood } from "../written/understood.ts";
import { insertSegments } from "./archive-store.ts";
import type { Connection, HistoryDatabase } from "./connection.ts";
import { dayOf, daysOf, daysToDrop, dropDay, makeDay, partitionOf } from "./days.ts";
import { onceEach } from "./once.ts";
import { openSegment } from "./open-segment.ts";
import { pack, type PackedSegment, type Stream } from "./segment.ts";

/** Looks after the kept segments: drops days that are too old or too much, joins small segments, notes gaps of processes that died. */
export type Keeper = { close(): void };

export type KeeperOptions = {
  readonly keepMs: number;
  readonly mostBytes: number;
  readonly nowMs: () => number;
  readonly onDropped: (days: readonly string[]) => void;
  readonly onError: (error: Error) => void;
};

/** Every process may have one: they take turns. */
export function startKeeper(connection: Connection, options: KeeperOptions): Keeper {
  let isKeeping = false;
  const keep = async (): Promise<void> => {
    if (isKeeping) return;
    isKeeping = true;
    try {
      const database = await connection.database();
      const nowMs = options.nowMs();
      await noteLost(database, LIMITS.silentMs);
      await makeDay(database, dayOf(nowMs + LIMITS.keepEveryMs * 10));
      const dropped = await dropDays(database, { ...options, nowMs });
      if (dropped.length > 0) options.onDropped(dropped);
      for (const ms of [nowMs, nowMs - 86_400_000]) await joinDay(database, dayOf(ms), nowMs);
    } catch (error) {
      options.onError(error instanceof Error ? error : new Error(String(error)));
    } finally {
      isKeeping = false;
    }
  };
  const timer = setInterval(() => void keep(), LIMITS.keepEveryMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

/** Notes gaps of silent processes: each may have had lines that it did not write, so the time since its last word is a gap. */
export async function noteLost(database: Database, silentMs: number): Promise<void> {
  await database.query(
    `with lost as (
       delete from sluice_history.archivers where beat_at < now() - $1::int8 * interval '1 millisecond' returning *)
     insert into sluice_history.gaps (reason, from_at, until_at)
     select 'worker_lost', written_at, greatest(written_at, beat_at) + $2::int8 * interval '1 millisecond' from lost`,
    [silentMs, LIMITS.beatMs + LIMITS.writeDeadlineMs],
  );
}

export async function dropDays(
  database: Database,
  limits: { readonly nowMs: number; readonly keepMs: number; readonly mostBytes: number },
): Promise<readonly string[]> {
  const gone = daysToDrop(await daysOf(database), limits);
  for (const day of gone) await dropDay(database, day);
  if (gone.length > 0) {
    await database.query("delete from sluice_history.gaps where until_at < $1", [
      new Date(limits.nowMs - limits.keepMs),
    ]);
  }
  return gone;
}

/** Joins the many small segments of a quiet hour, so that a search walks over few. @returns by how many the segments became fewer */
export async function joinDay(database: HistoryDatabase, day: string, nowMs: number): Promise<number> {
  let fewer = 0;
  for (const stream of ["understood", "flown"] as const) {
    for (let joined = 1; joined > 0; fewer += joined) joined = await joinSome(database, day, stream, nowMs);
  }
  // The embedded Postgres does not clean up by itself.
  if (fewer > 0) await database.script(`vacuum sluice_history.${partitionOf(day)}`);
  return fewer;
}

type Row = {
  number: string;
  lines: number;
  items: number;
  from_micros: string;
  until_micros: string;
  body: Uint8Array;
};

async function joinSome(database: HistoryDatabase, day: string, stream: Stream, nowMs: number): Promise<number> {
  return await database.transaction(async (tx) => {
    // Another process that holds the lock joins the same segments.
    const [lock] = await tx.query<{ taken: boolean }>("select pg_try_advisory_xact_lock($1) as taken", [LOCK]);
    if (lock?.taken !== true) return 0;
    const small = await tx.query<Row>(
      `select number, lines, items, from_micros, until_micros, body from sluice_history.segments
        where day = $1 and stream = $2 and lines < $3 and octet_length(body) < $4 and until_micros < $5
        order by until_micros, number limit $6`,
      [
        day,
        stream,
        LIMITS.joinBelowLines,
        LIMITS.segmentCharacters / 8,
        (nowMs - LIMITS.joinAfterMs) * 1000,
        LIMITS.joinAtOnce,
      ],
    );
    let lines = 0;
    const rows = small.filter((row) => (lines += row.lines) <= LIMITS.segmentLines);
    if (rows.length < LIMITS.joinFrom) return 0;
    const { encryption, onAltered } = database;
    const opened = await Promise.all(
      rows.map(async (row) => await linesOf({ ...tx, encryption, onAltered }, stream, row)),
    );
    // A segment that can't be opened stays: whoever may write to the database has changed it, and can tell more of it.
    const joined = rows.flatMap((row, at) => (opened[at] === null ? [] : { ...row, opened: opened[at]! }));
    if (joined.length < LIMITS.joinFrom) return 0;
    await insertSegments(tx, encryption, day, [await joinedOf(stream, joined)]);
    await tx.query("delete from sluice_history.segments where day = $1 and number = any($2::int8[])", [
      day,
      joined.map(({ number }) => number),
    ]);
    return joined.length - 1;
  });
}

async function linesOf(
  on: Parameters<typeof openSegment>[0],
  stream: Stream,
  { number, from_micros: from, until_micros: until, body }: Row,
): Promise<readonly string[] | null> {
  return await openSegment(on, body, { stream, number, fromMicros: Number(from), untilMicros: Number(until) });
}

async function joinedOf(
  stream: Stream,
  rows: readonly (Row & { readonly opened: readonly string[] })[],
): Promise<PackedSegment> {
  const lines = onceEach(
    stream,
    rows.flatMap(({ opened }) => opened),
  );
  const names = lines.flatMap((line) =>
    stream === "flown" ? namesOfFlown(readFlown(line)) : namesOfUnderstood(readUnderstood(line)),
  );
  return await pack({
    stream,
    lines,
    names,
    items: rows.reduce((sum, { items }) => sum + items, 0),
    fromMicros: Math.min(...rows.map(({ from_micros }) => Number(from_micros))),
    untilMicros: Math.max(...rows.map(({ until_micros }) => Number(until_micros))),
  });
}

/** Any number will do, as long as every Sluice takes the same. */
const LOCK = 7_226_516;
