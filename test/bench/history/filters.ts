import type { Database } from "@sluice/runtime";
import { bloomFilterOf } from "../../../packages/history/src/store/filter.ts";
import { pack, type Stream } from "../../../packages/history/src/store/segment.ts";
import { namesOfFlown, namesOfUnderstood } from "../../../packages/history/src/written/names.ts";
import { writeFlown } from "../../../packages/history/src/written/flown.ts";
import { writeUnderstood } from "../../../packages/history/src/written/understood.ts";
import { LINES, NEEDLE, eventIdOf, keyOf, needleLines } from "./needle.ts";
import { flownOf, understoodOf } from "./lines.ts";

/** A segment whose lines are searched for, by its first event. */
type Whole = { readonly from: number; readonly lines: readonly string[]; readonly names: readonly string[] };

type Filled = {
  readonly stream: Stream;
  readonly lines: readonly string[];
  /** Names that lines of each segment have. */
  readonly common: readonly string[];
  readonly names: (event: number) => readonly string[];
  readonly whole: readonly Whole[];
};

/**
 * Segments of so many events, both streams, with their true filters. Their bodies are shorter than true ones, and are about other
 * events, but for the segment that holds the needle and for the newest one: a search walks over filters, and opens one segment in 1,500
 * for nothing.
 */
export async function fillFilters(
  database: Database,
  events: number,
  onProgress: (done: number) => void,
): Promise<void> {
  await database.script("delete from sluice_history.segments");
  const [day] = await database.query<{ name: string }>(
    "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'sluice_history.segments'::regclass",
  );
  const partition = day!.name;
  for (const { stream, lines, common, names, whole } of filled(events)) {
    const body = await bodyOf(stream, lines.slice(0, SHORT));
    const bodies = new Map<number, Uint8Array>();
    for (const each of whole) bodies.set(each.from, await bodyOf(stream, each.lines));
    for (let at = 0; at < events; at += LINES * AT_ONCE) {
      const rows: unknown[][] = [];
      for (let from = at; from < Math.min(events, at + LINES * AT_ONCE); from += LINES) {
        const all = [...common];
        for (let event = from; event < from + LINES; event += 1) all.push(...names(event));
        for (const each of whole) if (each.from === from) all.push(...each.names);
        const micros = understoodOf(0).first.micros + from * 1000;
        rows.push([stream, micros, micros + (LINES - 1) * 1000, bloomFilterOf(all), bodies.get(from) ?? body]);
      }
      const columns = [0, 1, 2, 3, 4].map((column) => rows.map((row) => row[column]));
      await database.query(
        `insert into ${partition} (day, stream, from_micros, until_micros, lines, items, filter, body)
         select (select day from (select to_date(right('${partition}', 10), 'YYYY_MM_DD') as day) d), s, f, u, ${LINES}, ${LINES}, k, b
           from unnest($1::text[], $2::int8[], $3::int8[], $4::bytea[], $5::bytea[]) as t(s, f, u, k, b)`,
        columns,
      );
      onProgress(at + LINES * AT_ONCE);
    }
  }
  await database.script(`vacuum analyze ${partition}`);
}

function filled(events: number): readonly Filled[] {
  const webhooks = Array.from({ length: LINES }, (_, at) => understoodOf(at));
  const flights = webhooks.map(flownOf);
  const newestFrom = events - (events % LINES || LINES);
  const newest = webhooks.map((_, at) => understoodOf(newestFrom + at));
  const newestFlights = newest.map(flownOf);
  const needle = needleLines();
  const needleFrom = NEEDLE - (NEEDLE % LINES);
  const understood = webhooks.map(writeUnderstood);
  const flown = flights.map(writeFlown);
  return [
    {
      stream: "understood",
      lines: understood,
      common: namesOfUnderstood(webhooks[0]!).filter((name) => !/^[ek]/.test(name)),
      names: (event) => [`e${eventIdOf(event)}`, `k${keyOf(event)}`],
      whole: [
        { from: needleFrom, lines: [...understood.slice(1), needle.understood.line], names: needle.understood.names },
        { from: newestFrom, lines: newest.map(writeUnderstood), names: newest.flatMap(namesOfUnderstood) },
      ],
    },
    {
      stream: "flown",
      lines: flown,
      common: namesOfFlown(flights[0]!).filter((name) => !name.startsWith("k")),
      names: (event) => [`k${keyOf(event)}`],
      whole: [
        { from: needleFrom, lines: [...flown.slice(1), needle.flown.line], names: needle.flown.names },
        { from: newestFrom, lines: newestFlights.map(writeFlown), names: newestFlights.flatMap(namesOfFlown) },
      ],
    },
  ];
}

async function bodyOf(stream: Stream, lines: readonly string[]): Promise<Uint8Array> {
  const segment = { stream, fromMicros: 0, untilMicros: 0, lines, names: [], items: lines.length };
  return (await pack(segment)).body;
}

const AT_ONCE = 64;
const SHORT = 40;
