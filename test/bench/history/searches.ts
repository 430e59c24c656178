import { openHistory } from "@sluice/history";
import type { Database } from "@sluice/runtime";
import { NEEDLE, eventIdOf, keyOf } from "./needle.ts";

/** How long searches take for something that one of so many events has, and for what none has: the median of five, and the longest. */
export async function searchTimes(database: Database, events: number): Promise<void> {
  const history = openHistory({ open: async () => await Promise.resolve(database), isOwn: false });
  const page = { limit: 50, before: null };
  const record = { destination: "crm", object: "customer", by: "external_id", key: keyOf(NEEDLE) } as const;
  const searches: Readonly<Record<string, () => Promise<{ found: number; searchedTo: number | null }>>> = {
    "by event id": async () => countOf(await history.findEvents({ event: eventIdOf(NEEDLE) }, page)),
    "by an event id that is not there": async () => countOf(await history.findEvents({ event: "nobody's" }, page)),
    "by record": async () => countOf(await history.timeline(record, page)),
    "by error": async () => countOf(await history.findEvents({ code: "needle_refused" }, page)),
    "the newest": async () => countOf(await history.findEvents({}, page)),
    "of a type that is not there": async () => countOf(await history.findEvents({ type: "order.created" }, page)),
  };
  const rows: Record<string, object> = {};
  for (const [name, search] of Object.entries(searches)) {
    const times: number[] = [];
    let answer = await search();
    for (let round = 0; round < 5; round += 1) {
      const began = performance.now();
      answer = await search();
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    rows[name] = { "median, ms": Math.round(times[2]!), "longest, ms": Math.round(times[4]!), ...answer };
  }
  console.log(`searches among ${events} events:`);
  console.table(rows);
}

function countOf({ items, searchedToMs }: { items: readonly unknown[]; searchedToMs: number | null }): {
  found: number;
  searchedTo: number | null;
} {
  return { found: items.length, searchedTo: searchedToMs };
}
