import type { Database } from "@sluice/runtime";
import { filterOf } from "../../../packages/history/src/store/filter.ts";
import { pack } from "../../../packages/history/src/store/segment.ts";
import { namesOfFlown, namesOfUnderstood } from "../../../packages/history/src/written/names.ts";
import { writeFlown } from "../../../packages/history/src/written/flown.ts";
import { writeUnderstood } from "../../../packages/history/src/written/understood.ts";
import { LINES, NEEDLE, eventIdOf, keyOf } from "./needle.ts";
import { flownOf, understoodOf } from "./lines.ts";

/**
 * Segments of so many events, both streams, with their true filters. Their bodies are shorter than true ones, but for the one that is
 * searched for: a search walks over filters, and opens one segment in 1,500 for nothing.
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
  const webhooks = Array.from({ length: LINES }, (_, at) => understoodOf(at));
  const flights = webhooks.map(flownOf);
  const needle = {
    ...understoodOf(NEEDLE),
    events: understoodOf(NEEDLE).events.map((event) => ({ ...event, id: eventIdOf(NEEDLE) })),
  };
  const streams = [
    {
      stream: "understood" as const,
      lines: webhooks.map(writeUnderstood),
      common: namesOfUnderstood(webhooks[0]!).filter((name) => !/^[ek]/.test(name)),
      names: (event: number): string[] => [`e${eventIdOf(event)}`, `k${keyOf(event)}`],
      needle: [writeUnderstood(needle), namesOfUnderstood(needle)] as const,
    },
    {
      stream: "flown" as const,
      lines: flights.map(writeFlown),
      common: namesOfFlown(flights[0]!).filter((name) => !name.startsWith("k")),
      names: (event: number): string[] => [`k${keyOf(event)}`],
      needle: [writeFlown({ ...flownOf(needle), code: "needle_refused" }), ["cneedle_refused"]] as const,
    },
  ];
  for (const { stream, lines, common, names, needle: own } of streams) {
    const { body } = await pack({
      stream,
      fromMicros: 0,
      untilMicros: 0,
      lines: lines.slice(0, SHORT),
      names: [],
      items: LINES,
    });
    const { body: found } = await pack({
      stream,
      fromMicros: 0,
      untilMicros: 0,
      lines: [...lines.slice(1), own[0]],
      names: [],
      items: LINES,
    });
    for (let at = 0; at < events; at += LINES * AT_ONCE) {
      const rows: unknown[][] = [];
      for (let from = at; from < Math.min(events, at + LINES * AT_ONCE); from += LINES) {
        const all = [...common];
        for (let event = from; event < from + LINES; event += 1) all.push(...names(event));
        const holds = from <= NEEDLE && NEEDLE < from + LINES;
        if (holds) all.push(...own[1]);
        const micros = understoodOf(0).first.micros + from * 1000;
        rows.push([stream, micros, micros + (LINES - 1) * 1000, filterOf(all), holds ? found : body]);
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

const AT_ONCE = 64;
const SHORT = 40;
