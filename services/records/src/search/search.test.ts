import type { CustomObjectRecord } from "@sluice/zendesk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { READER, client, objectWith, steppingClock, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

const option = (value: string) => ({ name: value.toUpperCase(), value });
const FIELDS = [
  { key: "carrier", type: "dropdown", custom_field_options: ["dhl", "ups"].map(option) },
  { key: "marks", type: "multiselect", custom_field_options: ["a", "b", "c"].map(option) },
  { key: "note" },
  { key: "memo", type: "textarea" },
  { key: "code", type: "regexp", regexp_for_validation: "^[A-Z]" },
  { key: "fragile", type: "checkbox" },
  { key: "eta", type: "date" },
  { key: "pieces", type: "integer" },
  { key: "weight", type: "decimal" },
  { key: "owner", type: "lookup", relationship_target_type: "zen:user" },
];

/** Six parcels, made a minute apart. */
const PARCELS: Record<string, object> = {
  "Parcel one": {
    carrier: "dhl",
    marks: ["a", "b"],
    note: "Über 50% off",
    fragile: true,
    eta: "2026-12-01",
    pieces: 1,
  },
  "Parcel two": { carrier: "ups", marks: ["b"], note: "plain", fragile: false, eta: "2026-12-24", weight: 2.5 },
  "Crate three": { carrier: "dhl", memo: "line one\nNORTH gate", code: "AB-12", pieces: 10, owner: "77" },
  "Crate four": { note: 'a "quoted" \\ text', eta: "2027-01-01", pieces: 2, weight: 0.5, owner: "78" },
  "O'Neil & Söhne": { marks: ["c"], weight: 1e6, pieces: -3 },
  northwind: { note: "SAP-000123" },
};

const clock = steppingClock();
let store: StoreUnderTest;
let api: ReturnType<typeof client>;
let object: string;
beforeAll(async () => {
  store = await storeUnderTest({ clock });
  object = await objectWith(store.app, { fields: FIELDS });
  const admin = client(store.app);
  for (const [index, [name, custom_object_fields]] of Object.entries(PARCELS).entries()) {
    clock.advance(60_000);
    const record = { name, external_id: `SAP-${index}`, custom_object_fields };
    await admin.post(`custom_objects/${object}/records`, { custom_object_record: record }).expect(201);
  }
  const other = await objectWith(store.app);
  await admin.post(`custom_objects/${other}/records`, { custom_object_record: { name: "Parcel elsewhere" } });
  api = client(store.app, READER);
});
afterAll(() => store.close());

type Page = {
  count: number;
  custom_object_records: CustomObjectRecord[];
  meta: { has_more: boolean };
  links: { next: string | null; prev: string | null };
};
const namesOf = (body: unknown) => (body as Page).custom_object_records.map(({ name }) => name);
const search = async (query: string) =>
  namesOf((await api.get(`custom_objects/${object}/records/search?${query}`).expect(200)).body);
const filtered = async (filter: object) =>
  namesOf(
    (await api.post(`custom_objects/${object}/records/search.json?sort=created_at`, { filter }).expect(200)).body,
  );
const all = Object.keys(PARCELS);

describe("the text search", () => {
  test.each<[string, string[]]>([
    ["parc", ["Parcel one", "Parcel two"]],
    ["PARCEL crate", ["Parcel one", "Parcel two", "Crate three", "Crate four"]],
    ["north", ["Crate three", "northwind"]],
    ["söhne", ["O'Neil & Söhne"]],
    ["neil", ["O'Neil & Söhne"]],
    ["dhl", ["Parcel one", "Crate three"]],
    ["quoted", ["Crate four"]],
    ["elsewhere", []],
    ["!!!", []],
    ["' | 'x", []],
    ["\\", []],
    ["*", all],
    ["", all],
  ])("for %j finds %j", async (query, expected) => {
    expect((await search(`query=${encodeURIComponent(query)}&locale=en`)).toSorted()).toEqual(expected.toSorted());
  });

  test("with a frequent word still finds the one record that has all words", async () => {
    const many = await objectWith(store.app);
    await store.database.query(
      `insert into records.record (id, object_id, external_id, name, fields, created_by, updated_by, created_at, updated_at)
       select '01' || lpad(n::text, 24, '0'), object.id, 'crm:' || n, 'Customer', '{}', '1', '1', now(), now()
       from generate_series(1, 10100) as n, records.object where object.key = $1::text`,
      [many],
    );
    const { body } = await api.get(`custom_objects/${many}/records/search?query=crm:10099&page[size]=1`).expect(200);
    expect((body as Page).custom_object_records[0]).toMatchObject({ external_id: "crm:10099" });
  });

  test("finds a name that is nearly what was asked for", async () => {
    expect(await search("query=northwnd")).toEqual(["northwind"]);
  });

  test.each([
    ["crate three", "Crate three"],
    ["o'neil", "O'Neil & Söhne"],
    ["SAP-4", "O'Neil & Söhne"],
  ])("for %j puts %j first", async (query, first) => {
    expect((await search(`query=${encodeURIComponent(query)}`))[0]).toBe(first);
  });

  test.each(["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"])(
    "sorted by %s is walked forwards and backwards",
    async (sort) => {
      const byName = all.toSorted((a, b) => (a < b ? -1 : 1));
      const expected = sort.endsWith("name") ? byName : all;
      const inOrder = sort.startsWith("-") ? expected.toReversed() : expected;
      expect(await walk(`query=*&sort=${sort}`)).toEqual(inOrder);
    },
  );

  test("by relevance is walked without gaps or doubles", async () => {
    expect((await walk("query=parcel%20crate%20north")).toSorted()).toEqual(
      all.filter((name) => !name.startsWith("O")).toSorted(),
    );
  });

  test.each(["sort=relevance", "sort=id", "page[size]=101", "page[after]=nonsense"])("refuses %s", async (query) => {
    const { body } = await api.get(`custom_objects/${object}/records/search?query=x&${query}`).expect(400);
    expect(body).toMatchObject({ errors: [{ code: "InvalidPaginationParameter" }] });
  });

  /** Walks a list two records at a time to the end, and back again. */
  async function walk(query: string): Promise<string[]> {
    const follow = async (link: string) =>
      (await api.get(link.replace("http://records.test/api/v2/", "")).expect(200)).body as Page;
    const first = (await api.get(`custom_objects/${object}/records/search?${query}&page[size]=2`).expect(200))
      .body as Page;
    const pages = [first];
    for (let { next } = first.links; next !== null; next = pages.at(-1)?.links.next ?? null)
      pages.push(await follow(next));
    const back: Page[] = [];
    for (let prev = pages.at(-1)?.links.prev ?? null; prev !== null; prev = back[0]?.links.prev ?? null) {
      back.unshift(await follow(prev));
    }
    expect(back).toHaveLength(pages.length - 1);
    expect(back.flatMap(namesOf)).toEqual(pages.slice(0, -1).flatMap(namesOf));
    return pages.flatMap(namesOf);
  }
});

describe("a filter", () => {
  const field = (key: string, operator: string, value: unknown) => ({
    [`custom_object_fields.${key}`]: { [operator]: value },
  });
  const [one, two, three, four, five, six] = all as [string, string, string, string, string, string];

  test.each<[string, string, unknown, string[]]>([
    ["carrier", "$eq", "dhl", [one, three]],
    ["carrier", "$noteq", "dhl", [two, four, five, six]],
    ["carrier", "$contains", "P", [two]],
    ["carrier", "$notcontains", "up", [one, three, four, five, six]],
    ["carrier", "$exists", true, [one, two, three]],
    ["carrier", "$exists", false, [four, five, six]],
    ["note", "$eq", "plain", [two]],
    ["note", "$contains", "50% O", [one]],
    ["note", "$contains", "_lain", []],
    ["note", "$contains", '"quoted" \\', [four]],
    ["note", "$noteq", "plain", [one, three, four, five, six]],
    ["memo", "$contains", "north", [three]],
    ["memo", "$exists", false, [one, two, four, five, six]],
    ["code", "$eq", "AB-12", [three]],
    ["marks", "$eq", "b", [one, two]],
    ["marks", "$contains", "a", [one]],
    ["marks", "$notcontains", "b", [three, four, five, six]],
    ["marks", "$noteq", "b", [three, four, five, six]],
    ["marks", "$in", ["a", "c"], [one, five]],
    ["marks", "$notin", ["a", "c"], [two, three, four, six]],
    ["marks", "$eq", ["a", "b"], [one]],
    ["marks", "$exists", true, [one, two, five]],
    ["fragile", "$eq", true, [one]],
    ["fragile", "$eq", "false", [two]],
    ["eta", "$eq", "2026-12-24", [two]],
    ["eta", "$eq", "2026-12-24T00:00:00+00:00", [two]],
    ["eta", "$noteq", "2026-12-24", [one, three, four, five, six]],
    ["eta", "$gt", "2026-12-01", [two, four]],
    ["eta", "$gte", "2026-12-01", [one, two, four]],
    ["eta", "$lt", "2026-12-24", [one]],
    ["eta", "$lte", "2026-12-24", [one, two]],
    ["eta", "$exists", false, [three, five, six]],
    ["pieces", "$eq", "10", [three]],
    ["pieces", "$gt", 1, [three, four]],
    ["pieces", "$lte", 1, [one, five]],
    ["pieces", "$in", [1, "2", 99], [one, four]],
    ["pieces", "$notin", [1, 2], [two, three, five, six]],
    ["weight", "$gte", 2.5, [two, five]],
    ["weight", "$lt", "2.5", [four]],
    ["weight", "$in", [], []],
    ["owner", "$eq", "77", [three]],
    ["owner", "$eq", 78, [four]],
    ["owner", "$noteq", "77", [one, two, four, five, six]],
    ["owner", "$exists", true, [three, four]],
  ])("on %s with %s %j finds its records", async (key, operator, value, expected) => {
    expect(await filtered(field(key, operator, value))).toEqual(expected);
  });

  test("compares the standard attributes", async () => {
    const second = new Date(Date.parse("2026-11-23T08:02:00Z")).toISOString();
    expect(await filtered({ name: { $contains: "PARCEL" } })).toEqual([one, two]);
    expect(await filtered({ name: { $contains: "o'neil & s" } })).toEqual([five]);
    expect(await filtered({ external_id: { $eq: "SAP-2" } })).toEqual([three]);
    expect(await filtered({ external_id: { $eq: "sap-2" } })).toEqual([]);
    expect(await filtered({ created_at: { $gt: second } })).toEqual([three, four, five, six]);
    expect(await filtered({ created_at: { $gte: second, $lt: "2026-11-23T08:04:00Z" } })).toEqual([two, three]);
    expect(await filtered({ updated_at: { $lte: second } })).toEqual([one, two]);
    expect(await filtered({ created_by_user: { $eq: 1001 } })).toEqual(all);
    expect(await filtered({ updated_by_user: { $eq: "1002" } })).toEqual([]);
  });

  test("nests $and and $or, and what stands side by side must all be so", async () => {
    const dhl = field("carrier", "$eq", "dhl");
    const either = { $or: [{ external_id: { $eq: "SAP-0" } }, { name: { $contains: "four" } }] };
    expect(await filtered({ $and: [dhl, either] })).toEqual([one]);
    expect(
      await filtered({ $or: [dhl, { $and: [field("pieces", "$gt", 1), field("eta", "$exists", true)] }] }),
    ).toEqual([one, three, four]);
    expect(await filtered({ ...either, $and: [field("pieces", "$lt", 2)] })).toEqual([one]);
    expect(await filtered({})).toEqual(all);
  });

  test("goes with a query, a sort and a page, in the URL or in the body", async () => {
    const body = { filter: field("pieces", "$exists", true), sort: "-created_at", page: { size: 2 } };
    const path = `custom_objects/${object}/records/search`;
    const first = (await api.post(path, body).expect(200)).body as Page & { meta: { after_cursor: string } };
    expect([namesOf(first), first.meta.has_more]).toEqual([[five, four], true]);
    const after = { ...body, page: { size: 2, after: first.meta.after_cursor } };
    expect(namesOf((await api.post(path, after).expect(200)).body)).toEqual([three, one]);
    const inUrl = await api.post(`${path}?sort=created_at&query=crate`, body).expect(200);
    expect(namesOf(inUrl.body)).toEqual([three, four]);
  });

  test.each<[string, unknown]>([
    ["an unknown attribute", { nope: { $eq: 1 } }],
    ["an unknown field", { "custom_object_fields.nope": { $eq: 1 } }],
    ["a prototype's member", { "custom_object_fields.constructor": { $eq: 1 } }],
    ["an unknown operator", { name: { $regex: "x" } }],
    ["an operator of another type", { name: { $gt: "x" } }],
    ["a range on a text", field("note", "$gt", "a")],
    ["a value of another type", field("pieces", "$eq", "many")],
    ["a day that does not exist", field("eta", "$gt", "2026-02-30")],
    ["a time that can't be read", { created_at: { $gt: "yesterday" } }],
    ["a comparison without operator", { name: "x" }],
    ["a list that is none", { $and: {} }],
    ["an empty list", { $or: [] }],
    ["a text with a NUL", { external_id: { $eq: "a\0" } }],
    ["half of a surrogate pair", field("note", "$contains", "\ud800")],
    ["an infinite number", field("weight", "$gt", "1e999")],
    ["a list as the filter", [1]],
    ["too many empty filters", { $and: Array.from({ length: 101 }, () => ({})) }],
    ["too many attributes without a comparison", { $or: Array.from({ length: 101 }, () => ({ name: {} })) }],
    ["too many comparisons", { $and: Array.from({ length: 101 }, () => ({ name: { $contains: "x" } })) }],
  ])("with %s is refused with 400", async (_what, filter) => {
    const { body } = await api.post(`custom_objects/${object}/records/search`, { filter }).expect(400);
    expect(body).toMatchObject({ error: "InvalidFilter" });
  });
});

describe("autocomplete", () => {
  const complete = async (query: string) =>
    namesOf((await api.get(`custom_objects/${object}/records/autocomplete?${query}`).expect(200)).body);

  test("finds parts of names, those at the beginning first", async () => {
    expect(await complete("name=CR")).toEqual(["Crate four", "Crate three"]);
    expect(await complete("name=o")).toEqual(["O'Neil & Söhne", "Parcel one", "northwind", "Crate four", "Parcel two"]);
    expect(await complete("name=%25")).toEqual([]);
    expect(await complete("")).toHaveLength(6);
  });

  test("takes field_id and source together or not at all", async () => {
    await api.get(`custom_objects/${object}/records/autocomplete?name=x&field_id=1`).expect(400);
    expect(await complete("name=four&field_id=1&source=zen:user&filter[dynamic_values]=x")).toEqual(["Crate four"]);
  });

  test("says which parameters narrow nothing down here, and none where there is nothing to narrow", async () => {
    const lookup = (key: string, more: object = {}) => ({
      key,
      type: "lookup",
      relationship_target_type: `zen:custom_object:${object}`,
      ...more,
    });
    const filter = { all: [{ field: "custom_object.x.custom_fields.note", operator: "is", value: "a" }] };
    const order = await objectWith(store.app, {
      fields: [lookup("any"), lookup("some", { relationship_filter: filter })],
    });
    const { body } = await api.get(`custom_objects/${order}/fields`).expect(200);
    const [any, some] = (body as { custom_object_fields: { id: number }[] }).custom_object_fields;
    const source = `source=zen:custom_object:${order}`;
    const everything = "field_id, source, filter[dynamic_values], requester_id, assignee_id, organization_id";
    const rest = "filter[dynamic_values]=a&requester_id=1&assignee_id=2&organization_id=3";
    for (const [query, ignored] of [
      ["name=four", undefined],
      ["name=four&requester_id=", undefined],
      ["name=four&requester_id=1", "requester_id"],
      [`name=four&field_id=${any?.id}&${source}&${rest}`, undefined],
      [`name=four&field_id=${some?.id}&${source}`, "field_id, source"],
      [`name=four&field_id=${some?.id}&${source}&${rest}`, everything],
      ["name=four&field_id=77&source=zen:ticket", "field_id, source"],
      ["name=four&field_id=77&source=zen:custom_object:nothing", "field_id, source"],
    ]) {
      const answer = await api.get(`custom_objects/${object}/records/autocomplete?${query}`).expect(200);
      expect([query, answer.headers["x-sluice-ignored"], namesOf(answer.body)]).toEqual([
        query,
        ignored,
        ["Crate four"],
      ]);
    }
  });
});

test("an object that does not exist is a 404, whatever is asked of it", async () => {
  for (const path of ["search?query=x", "autocomplete?name=x"])
    await api.get(`custom_objects/nope/records/${path}`).expect(404);
  await api.post("custom_objects/nope/records/search", { filter: { nope: 1 } }).expect(404);
});

test("without trigrams all but names that are nearly right is found", async () => {
  const bare = await storeUnderTest();
  try {
    await bare.database.script("drop extension pg_trgm cascade");
    const app = await bare.another();
    const key = await objectWith(app, { fields: [{ key: "note" }] });
    const record = { name: "northwind", custom_object_fields: { note: "from Graz" } };
    const plain = client(app);
    await plain.post(`custom_objects/${key}/records`, { custom_object_record: record }).expect(201);
    const found = async (path: string) =>
      namesOf((await plain.get(`custom_objects/${key}/records/${path}`).expect(200)).body);
    expect(await found("search?query=graz")).toEqual(["northwind"]);
    expect(await found("search?query=northwnd")).toEqual([]);
    expect(await found("autocomplete?name=thw")).toEqual(["northwind"]);
    const { body } = await plain.post(`custom_objects/${key}/records/search`, {
      filter: { name: { $contains: "WIN" } },
    });
    expect(namesOf(body)).toEqual(["northwind"]);
  } finally {
    await bare.close();
  }
});
