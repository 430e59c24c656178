import { openHistory, type EventFilter, type Page } from "@sluice/history";
import type { Database } from "@sluice/runtime";
import { NEEDLE, NEEDLE_CODE, eventIdOf, keyOf } from "./needle.ts";

/**
 * How long searches take for something that one of so many events has, and for something that none has: the median of five, and the longest.
 * @throws where a search does not find as much as there is: its time would be that of another search
 */
export async function searchTimes(database: Database, events: number): Promise<void> {
  const history = openHistory({ open: async () => await Promise.resolve(database), isOwn: false });
  const page = { limit: 50, before: null };
  const record = { destination: "crm", object: "customer", by: "external_id", key: keyOf(NEEDLE) } as const;
  const find = async (filter: EventFilter): Promise<Counted> => countOf(await history.findEvents(filter, page));
  const searches: readonly (readonly [name: string, meant: number, search: () => Promise<Counted>])[] = [
    ["by event id", 1, async () => await find({ event: eventIdOf(NEEDLE) })],
    ["by an event id that is not there", 0, async () => await find({ event: "nobody's" })],
    ["by record: its change and its flight", 2, async () => countOf(await history.timeline(record, page))],
    ["by error", 1, async () => await find({ code: NEEDLE_CODE })],
    ["the newest", page.limit, async () => await find({})],
    ["of a type that is not there", 0, async () => await find({ type: "order.created" })],
  ];
  const rows: Record<string, object> = {};
  for (const [name, meant, search] of searches) {
    const times: number[] = [];
    let answer = await search();
    for (let round = 0; round < 5; round += 1) {
      const began = performance.now();
      answer = await search();
      times.push(performance.now() - began);
    }
    if (answer.found !== meant) throw new Error(`the search ${name} found ${answer.found}, and there are ${meant}`);
    times.sort((a, b) => a - b);
    rows[name] = { "median, ms": Math.round(times[2]!), "longest, ms": Math.round(times[4]!), ...answer };
  }
  console.log(`searches among ${events} events:`);
  console.table(rows);
}

type Counted = { readonly found: number; readonly searchedTo: number | null };

function countOf({ items, searchedToMs }: Pick<Page<unknown>, "items" | "searchedToMs">): Counted {
  return { found: items.length, searchedTo: searchedToMs };
}
