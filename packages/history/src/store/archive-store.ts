import type { Database } from "@sluice/runtime";
import type { ArchiveStore, Gap, Watermark } from "../archive.ts";
import type { Connection } from "./connection.ts";
import { dayOf, makeDay } from "./days.ts";
import type { Encryption } from "./encryption.ts";
import type { PackedSegment } from "./segment.ts";

/** The archive's side of the database. */
export function createArchiveStore({ database }: Connection, nowMs: () => number): ArchiveStore {
  let lastDay = "";
  return {
    async write(segments, gaps, said) {
      const on = await database();
      const day = dayOf(nowMs());
      if (day !== lastDay) await makeDay(on, day);
      // After a failure the day is made again: the database may be another by then.
      lastDay = "";
      await on.transaction(async (tx) => {
        await insertSegments(tx, on.encryption, day, segments);
        for (const gap of gaps) await insertGap(tx, gap);
        await say(tx, said);
      });
      lastDay = day;
    },
    async beat(said) {
      await say(await database(), said);
    },
    async leave(session) {
      const on = await database();
      await on.query("delete from sluice_history.archivers where session = $1", [session]);
    },
  };
}

async function say(on: Database, { session, writtenMs }: Watermark): Promise<void> {
  await on.query(
    `insert into sluice_history.archivers (session, written_at) values ($1, $2)
     on conflict (session) do update set written_at = excluded.written_at, beat_at = now()`,
    [session, new Date(writtenMs)],
    { prepareAs: "sluice_history_say" },
  );
}

export async function insertSegments(
  tx: Database,
  encryption: Encryption,
  day: string,
  segments: readonly PackedSegment[],
): Promise<void> {
  // A body is encrypted for its number.
  const numbers = await tx.query<{ number: string }>(
    "select nextval('sluice_history.segment_numbers') as number from generate_series(1, $1::int4)",
    [segments.length],
    { prepareAs: "sluice_history_numbers" },
  );
  for (const [at, { stream, fromMicros, untilMicros, lines, items, filter, body }] of segments.entries()) {
    const { number } = numbers[at]!;
    const sealed = encryption.seal(body, { stream, number, fromMicros, untilMicros });
    await tx.query(
      `insert into sluice_history.segments (day, number, stream, from_micros, until_micros, lines, items, filter, body)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [day, number, stream, fromMicros, untilMicros, lines, items, filter, sealed],
      { prepareAs: "sluice_history_segment" },
    );
  }
}

export async function insertGap(tx: Database, { reason, fromMs, untilMs, events, flights }: Gap): Promise<void> {
  await tx.query(
    "insert into sluice_history.gaps (reason, from_at, until_at, events, flights) values ($1, $2, $3, $4, $5)",
    [reason, new Date(fromMs), new Date(untilMs), events, flights],
  );
}
