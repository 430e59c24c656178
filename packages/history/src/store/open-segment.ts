import type { HistoryDatabase } from "./connection.ts";
import { AlteredSegmentError, type SegmentPlace } from "./encryption.ts";
import { unpack } from "./segment.ts";

/**
 * The lines of a segment; null: its body is not what was written in its place. That is a gap from then on, and told once.
 * @throws MissingKeyError
 */
export async function openSegment(
  database: Pick<HistoryDatabase, "query" | "encryption" | "onAltered">,
  body: Uint8Array,
  place: SegmentPlace,
): Promise<readonly string[] | null> {
  try {
    return await unpack(database.encryption.open(body, place));
  } catch (error) {
    if (!(error instanceof AlteredSegmentError)) throw error;
    if (await noteAltered(database, place)) database.onAltered(error);
    return null;
  }
}

/** @returns false: it was noted before */
async function noteAltered(
  { query }: Pick<HistoryDatabase, "query">,
  { fromMicros, untilMicros }: SegmentPlace,
): Promise<boolean> {
  const noted = await query(
    `insert into sluice_history.gaps (reason, from_at, until_at) select 'altered', $1, $2
      where not exists (select from sluice_history.gaps where reason = 'altered' and from_at = $1 and until_at = $2)
      returning number`,
    [fromMicros, untilMicros].map(timeOf),
  );
  return noted.length > 0;
}

/** Within what a date can be: the times of the row may have been changed too. */
function timeOf(micros: number): Date {
  return new Date(Math.min(Math.max(0, Math.floor(micros / 1000)), LAST_MS));
}

const LAST_MS = Date.parse("9999-12-31T00:00:00Z");
