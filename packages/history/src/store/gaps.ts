import type { Database } from "@sluice/runtime";
import type { Gap } from "../archive.ts";
import { LIMITS } from "../limits.ts";

/** The gaps that touch a time, the newest first. */
export async function gapsIn(database: Database, fromMs: number, untilMs: number): Promise<readonly Gap[]> {
  const rows = await database.query<{
    reason: Gap["reason"];
    from_at: Date;
    until_at: Date;
    events: string | null;
    flights: string | null;
  }>(
    `select reason, from_at, until_at, events, flights from sluice_history.gaps
      where until_at >= $1 and from_at <= $2 order by until_at desc limit ${LIMITS.gaps}`,
    [new Date(Math.floor(fromMs)), new Date(Math.floor(untilMs))],
  );
  return rows.map(({ reason, from_at, until_at, events, flights }) => ({
    reason,
    fromMs: from_at.getTime(),
    untilMs: until_at.getTime(),
    events: events === null ? null : Number(events),
    flights: flights === null ? null : Number(flights),
  }));
}

/** A gap, in a sentence. */
export function gapText({ reason, fromMs, untilMs, events, flights }: Gap): string {
  const [from, until] = [new Date(fromMs).toISOString(), new Date(untilMs).toISOString()];
  switch (reason) {
    case "full":
      return `between ${from} and ${until} the history's database was away or slow: ${events ?? "some"} events and ${flights ?? "some"} flights are not in it`;
    case "worker_lost":
      return `a worker ended between ${from} and ${until} without a word: what it had understood and written in its last seconds may not be in the history`;
    case "altered":
      return `a part of the history between ${from} and ${until} is not what was written: it was changed in the database, or is the copy of another part, and is not told`;
  }
}
