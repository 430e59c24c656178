import { expect, test } from "vitest";
import type { Event, Json } from "@sluice/event";
import type { Arrival } from "../arrival.ts";
import { NAME_FIELD } from "../change.ts";
import { MAX_CHANGE_BYTES } from "../limits.ts";
import { compileMapping, mapEvent, type CompiledMapping, type MappingRow } from "./mapping.ts";

const ROW: MappingRow = {
  when: 'type = "customer.updated"',
  destination: "crm",
  object: "customer",
  external_id: "'netsuite:' & $string(data.id)",
  name: "data.companyName",
  version: "data.lastModified",
  fields: { tier: "data.category", balance: "$number(data.balance)" },
};
const ARRIVAL: Arrival = { micros: Date.parse("2026-11-05T12:00:00Z") * 1000 + 42, session: 3 };

function compiled(row: MappingRow, place = "sources.netsuite.records[0]"): CompiledMapping {
  const result = compileMapping(row, place);
  if (!("mapping" in result)) throw new Error(JSON.stringify(result.faults));
  return result.mapping;
}

async function mapped(data: Json, rows: readonly MappingRow[] = [ROW], type = "customer.updated") {
  const event: Event = { id: "e1", type, time: null, source: "netsuite", data, headers: {} };
  const mappings = rows.map((row, index) => compiled(row, `sources.netsuite.records[${index}]`));
  return await mapEvent(event, { rank: 0, mappings, arrival: ARRIVAL, run: 0, versionSkewMs: 86_400_000 });
}

const DATA = { id: 7, companyName: "Acme", lastModified: "2026-11-05T11:59:57Z", category: "gold", balance: "12.5" };

test("an event becomes a change with its key, version, name and fields", async () => {
  const { changes, faults } = await mapped(DATA);
  expect(faults).toEqual([]);
  expect(changes).toEqual([
    {
      destination: "crm",
      object: "customer",
      key: { by: "external_id", value: "netsuite:7" },
      version: { kind: "time", micros: 1793879997000000n },
      effect: {
        kind: "fields",
        fields: new Map<string, Json>([
          [NAME_FIELD, "Acme"],
          ["tier", "gold"],
          ["balance", 12.5],
        ]),
      },
    },
  ]);
});

test("an expression that yields nothing leaves its field out; an explicit null clears it", async () => {
  const { changes } = await mapped({ id: 7, lastModified: "2026-11-05T11:59:57Z", category: null, balance: 1 });
  expect(changes[0]!.effect).toEqual({
    kind: "fields",
    fields: new Map([
      ["tier", null],
      ["balance", 1],
    ]),
  });
});

test("an event that no mapping wants means nothing, which is not a fault", async () => {
  expect(await mapped(DATA, [ROW], "customer.viewed")).toMatchObject({ changes: [], faults: [] });
});

test("a member that the event lacks is neither equal nor unequal to anything: a `when` that compares it is false", async () => {
  for (const when of ["data.status != 'draft'", "data.status = 'draft'", "data.status"]) {
    expect(await mapped(DATA, [{ ...ROW, when }])).toMatchObject({ changes: [], faults: [] });
  }
  expect((await mapped(DATA, [{ ...ROW, when: "$not(data.status = 'draft')" }])).changes).toHaveLength(1);
});

test.each([
  ["no key", { ...DATA, id: undefined }, { ...ROW, external_id: "data.id" }, "external_id as text, got nothing"],
  ["no readable version", { ...DATA, lastModified: "yesterday" }, ROW, "no readable version"],
  ["a version far ahead", { ...DATA, lastModified: "2027-11-05T11:59:57Z" }, ROW, "version_skew"],
  ["an expression that throws", { ...DATA, balance: "much" }, ROW, "JSONata D3030"],
  ["a function as a value", DATA, { ...ROW, fields: { tier: "$uppercase" } }, "yields a function"],
])("%s is a fault with the expression and its place", async (_, data, row, message) => {
  const { changes, faults } = await mapped(data as Json, [row]);
  expect(changes).toEqual([]);
  expect(faults).toHaveLength(1);
  expect(faults[0]!.message).toContain(message);
  expect(faults[0]!.place).toMatch(/^sources\.netsuite\.records\[0\]\./);
});

test("an event that is understood twice sees the same time, that of its arrival", async () => {
  const [change] = (await mapped(DATA, [{ ...ROW, fields: { seen: "$now()" } }])).changes;
  expect((change!.effect as unknown as { fields: Map<string, Json> }).fields.get("seen")).toBe(
    "2026-11-05T12:00:00.000Z",
  );
});

test.each<[string, Json]>([
  ["texts", "x".repeat(40_000)],
  ["letters of two bytes", "ä".repeat(10_000)],
  ["what JSON escapes", "\u0001".repeat(5000)],
  ["lists", ["x", ["y"]]],
  ["numbers", 1e21],
])("%s may fill a change to its last byte; one more is a fault", async (_, tier) => {
  const row = { ...ROW, name: undefined, fields: { tier: "data.tier", more: "data.more" } };
  const more = "x".repeat(MAX_CHANGE_BYTES - Buffer.byteLength(JSON.stringify(tier)) - 2);
  expect((await mapped({ ...DATA, tier, more }, [row])).faults).toEqual([]);
  const { faults } = await mapped({ ...DATA, tier, more: `${more}x` }, [row]);
  expect(faults).toMatchObject([
    { place: expect.stringContaining("fields.more") as string, message: expect.stringContaining("exceed") as string },
  ]);
});

test("two mappings of one event onto one record are one change", async () => {
  const more = { ...ROW, name: undefined, fields: { city: "'Ulm'" } };
  const { changes } = await mapped(DATA, [ROW, more]);
  expect(changes).toHaveLength(1);
  expect([...(changes[0]!.effect as unknown as { fields: Map<string, Json> }).fields.keys()]).toEqual([
    NAME_FIELD,
    "tier",
    "balance",
    "city",
  ]);
});

test("a mapping that fails does not take the others with it", async () => {
  const other = { ...ROW, object: "account", fields: { tier: "data.category" } };
  const { changes, faults } = await mapped({ ...DATA, balance: "much" }, [ROW, other]);
  expect(changes.map(({ object }) => object)).toEqual(["account"]);
  expect(faults.map(({ object }) => object)).toEqual(["customer"]);
});

test("every fault of a row is told at once, with its place", () => {
  const result = compileMapping(
    { ...ROW, when: "type = ", version: "data.(", fields: { tier: "((" } },
    "sources.netsuite.records[0]",
  );
  expect(result.faults.map(({ place }) => place)).toEqual([
    "sources.netsuite.records[0].when",
    "sources.netsuite.records[0].version",
    "sources.netsuite.records[0].fields.tier",
  ]);
});

test("a key has as many characters as people count, and an emoji is one", async () => {
  const row = { ...ROW, external_id: "data.key" };
  expect((await mapped({ ...DATA, key: "😀".repeat(255) }, [row])).changes[0]?.key.value).toHaveLength(510);
  const { faults } = await mapped({ ...DATA, key: "😀".repeat(256) }, [row]);
  expect(faults).toMatchObject([{ message: "the record's external_id is longer than 255 characters" }]);
});

test("a key with characters that nobody can see is told, spelled out, and no other record's", async () => {
  const row = { ...ROW, external_id: "data.key" };
  for (const [key, spelled] of [
    ["\uFEFFC1", String.raw`"\ufeffC1"`],
    ["C\u200B1", String.raw`"C\u200b1"`],
    ["C1\u0000", String.raw`"C1\u0000"`],
  ] as const) {
    const { changes, faults } = await mapped({ ...DATA, key }, [row]);
    expect([changes, faults]).toMatchObject([
      [],
      [{ code: "key_invalid", message: `the record's external_id has characters that cannot be seen: ${spelled}` }],
    ]);
  }
  // A joiner is part of how a letter is shown, and so seen.
  for (const key of ["👩\u200D🔧", "می\u200Cخواهم", " C1 "]) {
    expect((await mapped({ ...DATA, key }, [row])).changes[0]?.key.value).toBe(key);
  }
});

test("a version of another kind than was said is its event's fault, and so is a delete that has none", async () => {
  const row = { ...ROW, version: "data.v", version_kind: "time" as const };
  expect((await mapped({ ...DATA, v: "2026-05-01T00:00:00Z" }, [row])).changes).toMatchObject([{ isKindSaid: true }]);
  const { changes, faults } = await mapped({ ...DATA, v: "1" }, [row]);
  expect([changes, faults]).toMatchObject([
    [],
    [{ code: "version_kind", message: expect.stringContaining("ordered by times") as string }],
  ]);
  const { fields: _fields, ...keyed } = ROW;
  const gone = { ...keyed, delete: true as const, version: "data.v", version_kind: "integer" as const };
  expect((await mapped({ ...DATA, v: null }, [gone])).faults).toMatchObject([{ code: "version_kind" }]);
  expect((await mapped({ ...DATA, v: 7 }, [gone])).faults).toEqual([]);
});

test("a key without one of its parts is a fault of its own code, and the row means nothing", async () => {
  for (const id of [undefined, null, ""]) {
    const { changes, faults } = await mapped({ ...DATA, id: id as Json });
    expect([changes, faults]).toMatchObject([
      [],
      [{ code: "key_incomplete", message: expect.stringContaining("data.id") as string }],
    ]);
  }
});

test("a name that is null or empty leaves the name alone, because a destination demands one", async () => {
  for (const companyName of [null, ""]) {
    const { effect } = (await mapped({ ...DATA, companyName })).changes[0]!;
    expect([...(effect as unknown as { fields: Map<string, Json> }).fields.keys()]).toEqual(["tier", "balance"]);
  }
});

test.each([
  [undefined, { a: null }],
  ["nulls", { a: null }],
  ["empty", { a: null, b: null, c: null, d: null }],
  ["missing", { a: null, b: null, c: null, d: null, gone: null }],
] as const)("clears: %s says which values clear their fields", async (clears, cleared) => {
  const fields = {
    a: "data.a",
    b: "data.b",
    c: "data.c",
    d: "data.d",
    gone: "data.gone",
    zero: "data.zero",
    no: "data.no",
  };
  const { changes } = await mapped({ ...DATA, a: null, b: "", c: [], d: " ", zero: 0, no: false }, [
    { ...ROW, fields, ...(clears === undefined ? {} : { clears }) },
  ]);
  const [{ effect } = { effect: { kind: "delete" } as const }] = changes;
  const set = effect.kind === "fields" ? Object.fromEntries(effect.fields) : {};
  // A zero and a no are values, whatever a row says.
  expect(set).toMatchObject({ ...cleared, zero: 0, no: false, [NAME_FIELD]: "Acme" });
  expect(Object.values(set).filter((value) => value === null)).toHaveLength(Object.keys(cleared).length);
});

test("a row that deletes has nothing to clear", () => {
  const { faults } = compileMapping(
    { destination: "crm", object: "o", external_id: "data.id", delete: true, clears: "empty" },
    "r",
  );
  expect(faults).toEqual([{ place: "r.clears", message: "a mapping with `delete: true` has no fields to clear" }]);
});
