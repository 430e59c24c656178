import { loadavg } from "node:os";
import { openHistory, type EventFilter, type History, type Page } from "@sluice/history";
import type { Database } from "@sluice/runtime";
import { quantile } from "../quantile.ts";
import { NEEDLE, NEEDLE_CODE, eventIdOf, keyOf } from "./needle.ts";

const ROUNDS = 40;
const WARMING = 3;

type PageAsked = Parameters<History["findEvents"]>[1];
type Ask = (page: PageAsked) => Promise<Page<unknown>>;
type Search = {
  readonly name: string;
  readonly meant: number;
  readonly targetMs: number;
  readonly ask: Ask;
};

/**
 * How long searches take for something that one of so many events has, for something that none has, and for a page of each filter. A search
 * that runs out of time goes on where it came to, as whoever searches would, until its page is full or there is no more.
 * @throws where a search does not find as much as there is: its time would be that of another search
 */
export async function searchTimes(database: Database, events: number, serverMicros: () => number): Promise<void> {
  const history = openHistory({ open: async () => await Promise.resolve(database), isOwn: false });
  const limit = 50;
  const record = { destination: "crm", object: "customer", by: "external_id", key: keyOf(NEEDLE) } as const;
  const find =
    (filter: EventFilter): Ask =>
    async (page) =>
      await history.findEvents(filter, page);
  const named = (name: string, meant: number, ask: Ask): Search => ({ name, meant, targetMs: 200, ask });
  const paged = (name: string, filter: EventFilter, meant = limit): Search => {
    return { name: `page: ${name}`, meant, targetMs: 500, ask: find(filter) };
  };
  const searches: readonly Search[] = [
    named("by event id", 1, find({ event: eventIdOf(NEEDLE) })),
    named("by an event id that is not there", 0, find({ event: "nobody's" })),
    named("by record: its change and its flight", 2, async (page) => await history.timeline(record, page)),
    named("by record: its events", 1, find({ destination: "crm", object: "customer", key: keyOf(NEEDLE) })),
    named("by error", 1, find({ code: NEEDLE_CODE })),
    named("by an error that is not there", 0, find({ code: "no_such_error" })),
    paged("the newest", {}),
    paged("source", { source: "erp" }),
    paged("type", { type: "customer.updated" }),
    paged("a type that is not there", { type: "order.created" }, 0),
    paged("destination and object", { destination: "crm", object: "customer" }),
    paged("applied", { outcome: "applied" }),
    paged("dead", { outcome: "dead" }, 1),
    paged("text that every body holds", { text: "customer" }),
  ];
  const rows: Record<string, object> = {};
  for (const { name, meant, targetMs, ask } of searches) {
    const times: number[] = [];
    let found = await toTheEnd(ask, limit);
    let before = 0;
    for (let round = -WARMING; round < ROUNDS; round += 1) {
      if (round === 0) before = takenMicros(serverMicros);
      const began = performance.now();
      found = await toTheEnd(ask, limit);
      if (round >= 0) times.push(performance.now() - began);
    }
    if (found.items !== meant) throw new Error(`the search ${name} found ${found.items}, and there are ${meant}`);
    const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
    rows[name] = {
      "p50, ms": Math.round(p50),
      "p95, ms": Math.round(p95),
      "target, ms": targetMs,
      "processor, ms": Math.round((takenMicros(serverMicros) - before) / ROUNDS / 1000),
      asked: found.asked,
    };
  }
  console.log(`searches among ${events} events, load ${loadavg()[0]!.toFixed(1)}:`);
  console.table(rows);
}

/** Processor time of this process and of Postgres: it tells of a search whatever else the machine does. */
function takenMicros(serverMicros: () => number): number {
  const { user, system } = process.cpuUsage();
  return user + system + serverMicros();
}

/** Asks until the page is full or the history is searched through. */
async function toTheEnd(ask: Ask, limit: number): Promise<{ readonly items: number; readonly asked: number }> {
  let [items, asked] = [0, 0];
  for (let before: PageAsked["before"] = null; ;) {
    const page = await ask({ limit: limit - items, before });
    items += page.items.length;
    asked += 1;
    if (page.next === null || items >= limit || asked >= MOST_ASKED) return { items, asked };
    before = page.next;
  }
}

const MOST_ASKED = 100;
