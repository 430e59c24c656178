import { expect, test } from "vitest";
import type { RecordName } from "@sluice/record";
import type { HistoryDatabase } from "../store/connection.ts";
import { historyOf } from "../history.fixture.ts";
import { flightOf, webhookOf } from "../understood.fixture.ts";
import { confirmedStretch, type ConfirmedAsked, type ConfirmedStretch } from "./confirmed-stretch.ts";
import { readConfirmedValues } from "./confirmed-values.ts";

const placeOf = ({ key }: RecordName): string => key;
const never = (): boolean => false;

async function stretch(database: HistoryDatabase, asked: Partial<ConfirmedAsked> = {}): Promise<ConfirmedStretch> {
  const all = { destination: "crm", object: null, placeOf, after: "", only: null, most: 100 };
  const found = await confirmedStretch(database, { ...all, ...asked }, never);
  return found!;
}

test("of each field the newest stamp that a write ended with is told, also where a later flight carried an older one", async () => {
  const [old, newer, refused] = [
    webhookOf({ micros: 1, version: 1n, fields: { tier: "a", city: "Ulm" } }),
    webhookOf({ micros: 2, version: 3n, fields: { tier: "b" } }),
    webhookOf({ micros: 3, version: 9n, fields: { tier: "z" } }),
  ];
  const flights = [
    flightOf(20, [newer]),
    flightOf(30, [old]),
    flightOf(40, [refused], { verdict: "buried" }),
    flightOf(50, [refused], { verdict: "retry" }),
  ];
  const database = await historyOf([[old, newer, refused]], flights);
  const { records, until } = await stretch(database);
  expect(until).toBeNull();
  const [record] = records;
  expect(records).toHaveLength(1);
  expect(
    [...record!.fields]
      .map(([field, { stamp, isShown }]) => `${field} ${stamp.version} ${isShown}`)
      .toSorted((a, b) => (a < b ? -1 : 1)),
  ).toEqual(["city 1 true", "tier 3 true"]);
  expect(record!.lastEndedMs).toBe(flights[3]!.endedMs);
  const wanted = new Map([["4711", new Map([...record!.fields].map(([field, { stamp }]) => [field, stamp] as const))]]);
  const { values } = (await readConfirmedValues(
    database,
    { destination: "crm", object: "customer", placeOf, wanted },
    never,
  ))!;
  expect(Object.fromEntries(values.get("4711")!)).toEqual({
    tier: { value: "b", source: "erp", event: "e-2" },
    city: { value: "Ulm", source: "erp", event: "e-1" },
  });
});

test("a delete that was confirmed is told, and the values that it clears are null; what was superseded is not shown", async () => {
  const gone = webhookOf({ micros: 5, version: 5n, isDelete: true });
  const { stamp } = gone.events[0]!.changes[0]!;
  const deletion = { stamp, isOpen: true };
  const late = webhookOf({ micros: 6, version: 6n });
  const database = await historyOf(
    [[gone, late]],
    [flightOf(1, [gone], { effect: "delete", deletion, carried: [] }), flightOf(2, [late], { verdict: "superseded" })],
  );
  const [record] = (await stretch(database)).records;
  expect(record!.deletion).toEqual({ stamp, isShown: true });
  expect(record!.fields.get("tier")!.isShown).toBe(false);
  const wanted = new Map([["4711", new Map([["city", stamp]])]]);
  const { values } = (await readConfirmedValues(
    database,
    { destination: "crm", object: null, placeOf, wanted },
    never,
  ))!;
  expect(values.get("4711")!.get("city")!.value).toBeNull();
});

test.each([
  ["settled", "superseded"],
  ["superseded", "settled"],
] as const)("a value that was %s and then %s with the same stamp is not shown", async (first, second) => {
  const webhook = webhookOf({ micros: 1 });
  const flights = [flightOf(1, [webhook], { verdict: first }), flightOf(2, [webhook], { verdict: second })];
  const [record] = (await stretch(await historyOf([[webhook]], flights))).records;
  expect([...record!.fields.values()].map(({ isShown }) => isShown)).not.toContain(true);
});

test("a stretch holds the lowest places, and the next one goes on behind it; some records alone can be asked for", async () => {
  const webhooks = Array.from({ length: 30 }, (_, at) => webhookOf({ micros: at, key: `k-${(at * 7) % 30}` }));
  const database = await historyOf(
    [webhooks],
    webhooks.map((webhook, at) => flightOf(at, [webhook])),
  );
  const told: string[] = [];
  let after: string | null = "";
  while (after !== null) {
    const { records, until }: ConfirmedStretch = await stretch(database, { after, most: 8 });
    expect(records.length).toBeLessThanOrEqual(8);
    told.push(...records.map(({ place }) => place));
    after = until;
  }
  expect(told).toEqual(Array.from({ length: 30 }, (_, at) => `k-${at}`).toSorted());
  const only = new Set(["k-3", "k-29", "nobody's"]);
  expect((await stretch(database, { only })).records.map(({ place }) => place)).toEqual(["k-29", "k-3"]);
  expect((await stretch(database, { object: "order" })).records).toEqual([]);
  expect(
    await confirmedStretch(
      database,
      { destination: "crm", object: null, placeOf, after: "", only: null, most: 1 },
      () => true,
    ),
  ).toBeNull();
});

test("values that are too much at once are left to the next stretch", async () => {
  const long = "x".repeat(9 * 1024 * 1024);
  const webhooks = ["a", "b", "c", "d", "e"].map((key, at) =>
    webhookOf({ micros: at, key, fields: { tier: long }, body: "" }),
  );
  const database = await historyOf(webhooks.map((webhook) => [webhook]));
  const wanted = new Map(
    webhooks.map((webhook) => {
      const { record, stamp } = webhook.events[0]!.changes[0]!;
      return [record.key, new Map([["tier", stamp]])] as const;
    }),
  );
  const { values, until } = (await readConfirmedValues(
    database,
    { destination: "crm", object: null, placeOf, wanted },
    never,
  ))!;
  expect(until).toBe([...values.keys()].toSorted().at(-1));
  expect(values.size).toBeLessThan(5);
});
