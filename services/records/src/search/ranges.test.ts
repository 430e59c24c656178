import { assert as assertProperty, double, oneof, property, integer, constantFrom } from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { client, objectWith, storeUnderTest, type StoreUnderTest } from "../under-test.ts";
import { numberOfDay, wordsInRange } from "./range-words.ts";

let store: StoreUnderTest;
beforeAll(async () => {
  store = await storeUnderTest();
});
afterAll(() => store.close());

/** Which of the values the index yields for a range. */
async function yielded(values: readonly (number | string)[], low: number, high: number): Promise<unknown[]> {
  const rows = await store.database.query<{ value: unknown }>(
    `select value from jsonb_array_elements($1::jsonb) as value
     where records.numbers(7, jsonb_build_object('f', value)) @@ $2::tsquery`,
    [JSON.stringify(values), wordsInRange(7, "f", { low, high })],
  );
  return rows.map(({ value }) => value);
}

const numbers = oneof(
  integer({ min: -1000, max: 1000 }),
  double({ noNaN: true, noDefaultInfinity: true }),
  constantFrom(0, 5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 2 ** 53),
);

test("the index yields every number of a range, and hardly any beside it", async () => {
  const cases: { low: number; high: number; values: number[] }[] = [];
  assertProperty(
    property(numbers, numbers, numbers, (a, b, c) => {
      cases.push({ low: Math.min(a, b), high: Math.max(a, b), values: [a, b, c] });
    }),
    { seed: 15, numRuns: 100 },
  );
  for (const { low, high, values } of cases) {
    const found = await yielded(values, low, high);
    const within = values.filter((value) => value >= low && value <= high);
    expect(found, `${low} to ${high} of ${values.join(", ")}`).toEqual(expect.arrayContaining(within));
    const slack = (end: number) => Math.abs(end) * 2 ** -27 + 2 ** -1040;
    for (const value of found as number[]) {
      expect(value).toBeGreaterThanOrEqual(low - slack(low));
      expect(value).toBeLessThanOrEqual(high + slack(high));
    }
  }
});

test("a range without an end, and one of days", async () => {
  expect(await yielded([-5, -1, 0, 3, 1e300], -Infinity, -1)).toEqual([-5, -1]);
  expect(await yielded([-5, -1, 0, 3, 1e300], 0, Infinity)).toEqual([0, 3, 1e300]);
  expect(await yielded([1, 2], 2, 1)).toEqual([]);
  const days = ["2025-12-31", "2026-01-01", "2026-02-01", "a text", "abcd-ef-gh"];
  const [from, to] = ["2026-01-01", "2026-01-31"].map(numberOfDay) as [number, number];
  expect(await yielded(days, from, to)).toEqual(["2026-01-01"]);
});

test("a range asks for so many words at most", () => {
  const all = wordsInRange(1, "f", { low: -1.23456789e-300, high: 1.23456789e300 }).split("|");
  expect(all.length).toBeLessThan(540);
});

test("the index of ranges is asked, although its range has so many words that all records seem to fit", async () => {
  const object = await objectWith(store.app);
  await store.database.query(
    `insert into records.record (id, object_id, name, fields, created_by, updated_by, created_at, updated_at)
     select '02' || lpad(n::text, 24, '0'), object.id, 'Record ' || n, jsonb_build_object('balance', n), '1', '1', now(), now()
     from generate_series(0, 1999) as n, records.object where object.key = $1::text`,
    [object],
  );
  await store.database.query("analyze records.record");
  const [made] = await store.database.query<{ body: string; settings: string[] }>(
    "select prosrc as body, proconfig as settings from pg_proc where proname = 'in_range' and pronamespace = 'records'::regnamespace",
  );
  const { body, settings } = made!;
  await store.database.query(
    `create function records.explained(words tsquery) returns setof text language plpgsql
     ${settings.map((setting) => `set ${setting.replace("=", " = ")}`).join(" ")}
     as $$ begin
       execute 'prepare asked(tsquery) as ${body.replace("words", "$1")}';
       return query execute format('explain execute asked(%L)', words);
       deallocate asked;
     end $$`,
  );
  const words = wordsInRange(1, "balance", { low: -1.23456789e-300, high: 1.23456789e300 });
  const plan = await store.database.query<{ line: string }>("select records.explained($1::tsquery) as line", [words]);
  expect(plan.map(({ line }) => line).join("\n")).toContain("Bitmap Index Scan on record_numbers");
});

test("a filter by ranges finds the same whether many records fit or few", async () => {
  const object = await objectWith(store.app, {
    fields: [
      { key: "balance", type: "decimal" },
      { key: "due", type: "date" },
      { key: "note", type: "text" },
    ],
  });
  await store.database.query(
    `insert into records.record (id, object_id, external_id, name, fields, created_by, updated_by, created_at, updated_at)
     select '01' || lpad(n::text, 24, '0'), object.id, 'e' || n, 'Record ' || n,
       jsonb_build_object('balance', n - 500, 'due', to_char(date '2026-01-01' + n % 365, 'YYYY-MM-DD'), 'note', 'n' || n % 3),
       '1', '1', now(), now()
     from generate_series(0, 999) as n, records.object where object.key = $1::text`,
    [object],
  );
  const field = (key: string, condition: object) => ({ [`custom_object_fields.${key}`]: condition });
  const search = async (filter: object, query: string): Promise<number[]> => {
    const found: number[] = [];
    let path = `custom_objects/${object}/records/search?${query}&page[size]=40`;
    for (let page = 0; page < 200; page += 1) {
      const { body } = await client(store.app).post(path, { filter }).expect(200);
      const { custom_object_records: records, meta } = body as {
        custom_object_records: { custom_object_fields: { balance: number } }[];
        meta: { has_more: boolean; after_cursor: string };
      };
      found.push(...records.map(({ custom_object_fields: { balance } }) => balance));
      if (!meta.has_more) return found;
      path = `custom_objects/${object}/records/search?${query}&page[size]=40&page[after]=${meta.after_cursor}`;
    }
    throw new Error("no end");
  };
  const fits: [object, (balance: number) => boolean][] = [
    [field("balance", { $gte: -3, $lt: 4 }), (balance) => balance >= -3 && balance < 4],
    [field("balance", { $gt: 490.5 }), (balance) => balance > 490.5],
    [field("balance", { $gt: 1e12 }), () => false],
    [
      { $and: [field("balance", { $lte: -495 }), field("note", { $eq: "n0" })] },
      (balance) => balance <= -495 && (balance + 500) % 3 === 0,
    ],
    [
      { $or: [field("balance", { $lt: -498 }), field("balance", { $gt: 498 })] },
      (balance) => Math.abs(balance) > 498 || balance === -499,
    ],
    [
      { $or: [field("balance", { $lt: -498 }), field("note", { $contains: "N1" })] },
      (balance) => balance < -498 || (balance + 500) % 3 === 1,
    ],
    [field("due", { $gte: "2026-12-30" }), (balance) => (balance + 500) % 365 >= 363],
  ];
  for (const [filter, fit] of fits) {
    const expected = Array.from({ length: 1000 }, (_, n) => n - 500).filter(fit);
    for (const query of ["sort=created_at", "sort=-updated_at", "sort=name", ""]) {
      const found = await search(filter, query);
      expect(
        found.toSorted((a, b) => a - b),
        `${JSON.stringify(filter)} ${query}`,
      ).toEqual(expected);
    }
  }
});
