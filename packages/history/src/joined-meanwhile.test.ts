import { afterAll, beforeAll, expect, test } from "vitest";
import { findEvents } from "./find-events.ts";
import { findRefused } from "./find-refused.ts";
import { emptyHistory, fillHistory } from "./history.fixture.ts";
import { LIMITS } from "./limits.ts";
import type { Page, PageWanted } from "./page.ts";
import type { HistoryDatabase } from "./store/connection.ts";
import { dayOf } from "./store/days.ts";
import { joinDay } from "./store/keeper.ts";
import { timelineOf } from "./timeline.ts";
import { BEGAN_MICROS, flightOf, webhookOf } from "./understood.fixture.ts";
import type { Flown } from "./written/flown.ts";
import type { Understood } from "./written/understood.ts";

const NOW_MS = BEGAN_MICROS / 1000;
let history: HistoryDatabase;

beforeAll(async () => void (history = await emptyHistory()));
afterAll(async () => await history.close());

/** A history of these webhooks and flights, each in a segment of its own. */
async function historyOf(webhooks: readonly Understood[], flown: readonly Flown[] = []): Promise<HistoryDatabase> {
  await fillHistory(
    history,
    webhooks.map((each) => [each]),
    flown,
  );
  return history;
}

/** Joins all small segments. @returns by how many they became fewer */
async function join(database: HistoryDatabase): Promise<number> {
  return await joinDay(database, dayOf(NOW_MS), NOW_MS + 3_600_000);
}

/** The database, whose segments are joined just before the statement of this number on them. */
function joiningBefore(database: HistoryDatabase, number: number): HistoryDatabase & { readonly fewer: () => number } {
  let asked = 0;
  let fewer = 0;
  return {
    ...database,
    fewer: () => fewer,
    async query(sql, ...rest) {
      if (sql.includes("from sluice_history.segments where")) asked += 1;
      if (asked === number && fewer === 0) fewer = await join(database);
      return await database.query(sql, ...rest);
    },
  };
}

type Ask<T> = (page: PageWanted) => Promise<Page<T>>;

/** All items, page by page. */
async function pages<T>(ask: Ask<T>, limit: number, between: () => Promise<unknown> = async () => {}) {
  const items: T[] = [];
  let before: PageWanted["before"] = null;
  for (let at = 0; at < 100; at += 1) {
    const page = await ask({ limit, before, isOver: () => false });
    items.push(...page.items);
    if (page.next === null) return items;
    before = page.next;
    if (at === 0) await between();
  }
  throw new Error("the pages do not end");
}

const FAULT = { code: "webhook_unreadable", message: "no JSON" };
/** A time of their own for each, but for every fourth, which shares that of the one before. */
const many = Array.from({ length: 40 }, (_, at) =>
  webhookOf({ micros: (at % 4 === 3 ? at - 1 : at) * 1000, id: `w${at}`, session: at % 4 }),
);
const unread = many.map((webhook) => ({ ...webhook, fault: FAULT, events: [] }));
/** Flights of four requests, each of which ended for ten records at one moment. */
const flights = many.map((webhook, at) =>
  flightOf(at * 1000, [webhook], {
    endedMs: NOW_MS + Math.floor(at / 10),
    token: String(BEGAN_MICROS + ((at * 7) % 40)),
    verdict: "buried",
    code: "invalid",
  } satisfies Partial<Flown>),
);
const { record } = many[0]!.events[0]!.changes[0]!;

const SEARCHES = [
  {
    what: "a search for events",
    open: async () => await historyOf(many),
    list: (database: HistoryDatabase, limit: number, between?: () => Promise<unknown>) =>
      pages(async (page) => (await findEvents(database, {}, page)) as Page<unknown>, limit, between),
    names: many.map(({ events }) => events[0]!.id),
    nameOf: (item: unknown) => (item as { id: string }).id,
  },
  {
    what: "a search for what could not be understood",
    open: async () => await historyOf(unread),
    list: (database: HistoryDatabase, limit: number, between?: () => Promise<unknown>) =>
      pages(async (page) => (await findRefused(database, {}, page)) as Page<unknown>, limit, between),
    names: many.map(({ first }) => `${first.micros} ${first.session}`),
    nameOf: (item: unknown) => {
      const { ref } = item as { ref: string };
      const [micros, session] = ref.split("-").map((part) => parseInt(part, 36));
      return `${micros} ${session}`;
    },
  },
  {
    what: "a record's time line",
    open: async () => await historyOf(many, flights),
    list: (database: HistoryDatabase, limit: number, between?: () => Promise<unknown>) =>
      pages(async (page) => (await timelineOf(database, record, page)) as Page<unknown>, limit, between),
    names: [...many.map(({ events }) => events[0]!.id), ...flights.map(({ token }) => token)],
    nameOf: (item: unknown) => {
      const { event, flight } = item as { event: { id: string } | null; flight: { token: string } | null };
      return event?.id ?? flight!.token;
    },
  },
];

for (const { what, open, list, names, nameOf } of SEARCHES) {
  test.each([2, 3, 5])(
    `${what} misses nothing that is joined before its statement %i, and tells nothing twice`,
    async (number) => {
      const database = joiningBefore(await open(), number);
      const told = (await list(database, 200)).map(nameOf);
      expect(database.fewer()).toBeGreaterThan(0);
      expect(told.toSorted()).toEqual(names.toSorted());
    },
  );

  test.each([1, 3, 7])(`${what} by pages of %i misses nothing that is joined between two of them`, async (limit) => {
    const database = await open();
    const before = (await list(database, 200)).map(nameOf);
    let fewer = 0;
    const told = (await list(database, limit, async () => (fewer = await join(database)))).map(nameOf);
    expect(fewer).toBeGreaterThan(0);
    expect(told).toEqual(before);
    expect(told.toSorted()).toEqual(names.toSorted());
  });
}

test("a search that lists its segments more than once misses nothing that is joined between two of the lists", async () => {
  const lists = Array.from({ length: LIMITS.listedAtOnce + 44 }, (_, at) => webhookOf({ micros: at, id: `w${at}` }));
  // The first list is one statement, and the bodies of its segments are these.
  const bodies = LIMITS.listedAtOnce / LIMITS.openAtOnce;
  const database = joiningBefore(await historyOf(lists), 1 + bodies + 1);
  const rows = await pages(async (page) => await findEvents(database, {}, page), 1000);
  expect(database.fewer()).toBeGreaterThan(0);
  expect(rows.map(({ id }) => id)).toEqual(lists.map(({ events }) => events[0]!.id).toReversed());
});

test("dead letters of one moment stand on pages of their own, joined in between or not", async () => {
  const own = many.map((_, at) => webhookOf({ micros: at, id: `w${at}`, key: `k${at}` }));
  const together = own.map((webhook, at) =>
    flightOf(at, [webhook], { endedMs: NOW_MS + 1, token: flights[at]!.token, verdict: "buried", code: "invalid" }),
  );
  const database = await historyOf(own, together);
  let fewer = 0;
  const rows = await pages(
    async (page) => await findRefused(database, { code: "invalid" }, page),
    7,
    async () => (fewer = await join(database)),
  );
  expect(fewer).toBeGreaterThan(0);
  expect(rows.map(({ id }) => id).toSorted()).toEqual(own.map(({ events }) => events[0]!.id).toSorted());
});

test("an event and the document that was fetched for it, which have one delivery, stand on pages of their own", async () => {
  const asking = webhookOf({ micros: 5000, id: "order-1" });
  const database = await historyOf([asking, { ...asking, request: null }]);
  const rows = await pages(async (page) => await findEvents(database, {}, page), 1);
  expect(rows.map(({ ref }) => ref.endsWith("-doc"))).toEqual([true, false]);
});
