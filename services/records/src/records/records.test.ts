import { customObjectRecord, type CustomObjectRecord } from "@sluice/zendesk";
import type { Express } from "express";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, objectWith, steppingClock, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

const clock = steppingClock();
let store: StoreUnderTest;
let api: ReturnType<typeof client>;
beforeAll(async () => {
  store = await storeUnderTest({ clock });
  api = client(store.app);
});
afterAll(() => store.close());

type Page = {
  count: number;
  custom_object_records: CustomObjectRecord[];
  meta: { has_more: boolean; after_cursor: string | null; before_cursor: string | null };
  links: { next: string | null; prev: string | null };
};

const pageAt = async (app: Express, path: string): Promise<Page> =>
  (await client(app).get(path).expect(200)).body as Page;
const follow = (app: Express, link: string) => pageAt(app, link.replace("http://records.test/api/v2/", ""));
const namesOf = (page: Page) => page.custom_object_records.map(({ name }) => name);

async function withRecords(count: number): Promise<string> {
  const object = await objectWith(store.app);
  for (let i = 0; i < count; i += 1) {
    clock.advance(1_000);
    const record = { name: `r${i}`, external_id: `E${i}` };
    await api.post(`custom_objects/${object}/records`, { custom_object_record: record }).expect(201);
  }
  return object;
}

test("a record is created, shown, changed and deleted by id, and always has every member", async () => {
  const object = await objectWith(store.app, { fields: [{ key: "a" }, { key: "when", type: "date" }] });
  const sent = { name: "One", external_id: "E1", custom_object_fields: { when: "2026-12-01" } };
  const posted = await api.post(`custom_objects/${object}/records.json`, { custom_object_record: sent }).expect(201);
  const record = customObjectRecord
    .strict()
    .parse((posted.body as { custom_object_record: unknown }).custom_object_record);
  expect(record.custom_object_fields).toEqual({ a: null, when: "2026-12-01T00:00:00+00:00" });
  expect(record.url).toBe(`http://records.test/api/v2/custom_objects/${object}/records/${record.id}.json`);
  const path = `custom_objects/${object}/records/${record.id}`;
  expect((await api.get(`${path}.json`).expect(200)).body).toEqual({ custom_object_record: record });
  const change = { external_id: null, custom_object_fields: { a: "x" } };
  const { body } = await api.patch(path, { custom_object_record: change }).expect(200);
  expect(body).toMatchObject({
    custom_object_record: {
      name: "One",
      external_id: null,
      custom_object_fields: { a: "x", when: record.custom_object_fields["when"] },
    },
  });
  await api.delete(path).expect(204);
  for (const gone of [api.get(path), api.patch(path, { custom_object_record: {} }), api.delete(path)]) {
    expect((await gone.expect(404)).body).toEqual({ error: "RecordNotFound", description: "Not found" });
  }
});

test("an external_id that another record has is refused on create and on change by id", async () => {
  const object = await withRecords(2);
  const taken = {
    details: { base: [{ description: "External ID: has already been taken", error: "DuplicateValue" }] },
  };
  const create = { custom_object_record: { name: "x", external_id: "E1" } };
  expect((await api.post(`custom_objects/${object}/records`, create).expect(422)).body).toMatchObject(taken);
  const [first] = (await pageAt(store.app, `custom_objects/${object}/records`)).custom_object_records;
  const change = { custom_object_record: { external_id: "E1" } };
  expect((await api.patch(`custom_objects/${object}/records/${first?.id}`, change).expect(422)).body).toMatchObject(
    taken,
  );
});

test("several records without an external_id live side by side; an empty one counts as none", async () => {
  const object = await objectWith(store.app);
  for (const external_id of [null, "", undefined]) {
    await api
      .post(`custom_objects/${object}/records`, { custom_object_record: { name: "x", external_id } })
      .expect(201);
  }
  const { body } = await api.get(`custom_objects/${object}/records/count`).expect(200);
  expect(body).toEqual({ count: { value: 3, refreshed_at: expect.stringMatching(/^\d{4}-.*Z$/) as unknown } });
});

describe("the list", () => {
  test("is filtered by ids and external_ids; what does not exist is left out", async () => {
    const object = await withRecords(4);
    const all = await pageAt(store.app, `custom_objects/${object}/records`);
    const ids = all.custom_object_records.map(({ id }) => id);
    const list = async (query: string) => namesOf(await pageAt(store.app, `custom_objects/${object}/records?${query}`));
    expect(await list(`filter[ids]=${ids[2]},${ids[0]},nope`)).toEqual(["r0", "r2"]);
    expect(await list("filter%5Bexternal_ids%5D=E1%2CE3%2Ce0")).toEqual(["r1", "r3"]);
    expect(await list(`filter[ids]=${ids[0]},${ids[1]}&filter[external_ids]=E1,E2`)).toEqual(["r1"]);
    expect(await list("filter[external_ids]=")).toEqual([]);
    expect(await list("locale=en&sort=")).toHaveLength(4);
  });

  test.each(["id", "-id", "updated_at", "-updated_at"])(
    "sorted by %s is walked forwards and backwards",
    async (sort) => {
      const object = await withRecords(5);
      clock.advance(1_000);
      await api
        .patch(`custom_objects/${object}/records?external_id=E0`, { custom_object_record: { name: "r0" } })
        .expect(200);
      const whole = await pageAt(store.app, `custom_objects/${object}/records?sort=${sort}`);
      const expected = sort.endsWith("id") ? ["r0", "r1", "r2", "r3", "r4"] : ["r1", "r2", "r3", "r4", "r0"];
      expect(namesOf(whole)).toEqual(sort.startsWith("-") ? expected.toReversed() : expected);

      const pages = [await pageAt(store.app, `custom_objects/${object}/records?page[size]=2&sort=${sort}`)];
      expect(pages[0]?.links.prev).toBeNull();
      for (let next = pages[0]?.links.next; typeof next === "string"; next = pages.at(-1)?.links.next) {
        pages.push(await follow(store.app, next));
      }
      expect(pages.map((page) => page.count)).toEqual([2, 2, 1]);
      expect(pages.map((page) => page.meta.has_more)).toEqual([true, true, false]);
      expect(pages.at(-1)?.meta.after_cursor).toBeNull();
      expect(pages.flatMap(namesOf)).toEqual(namesOf(whole));

      const back = [pages.at(-1)];
      for (let prev = back[0]?.links.prev; typeof prev === "string"; prev = back[0]?.links.prev) {
        back.unshift(await follow(store.app, prev));
      }
      expect(back.flatMap((page) => (page === undefined ? [] : namesOf(page)))).toEqual(namesOf(whole));
    },
  );

  test("in the other quirk mode the last page still has a next link, whose page is empty and ends the walk", async () => {
    const quirky = await store.another({ quirks: { nextOnLastPage: true } });
    const object = await withRecords(3);
    const first = await pageAt(quirky, `custom_objects/${object}/records?page[size]=2`);
    const last = await follow(quirky, first.links.next ?? "");
    expect(namesOf(last)).toEqual(["r2"]);
    expect(last.meta).toMatchObject({ has_more: false, after_cursor: expect.any(String) as unknown });
    const empty = await follow(quirky, last.links.next ?? "");
    expect(empty).toEqual({
      count: 0,
      custom_object_records: [],
      meta: { has_more: false, after_cursor: null, before_cursor: null },
      links: { next: null, prev: null },
    });
  });

  test("links keep the other parameters and lead back to the host that was asked", async () => {
    const object = await withRecords(2);
    const page = await pageAt(store.app, `custom_objects/${object}/records?page[size]=1&sort=-id&locale=en`);
    const next = new URL(page.links.next ?? "");
    expect(next.origin + next.pathname).toBe(`http://records.test/api/v2/custom_objects/${object}/records.json`);
    expect(Object.fromEntries(next.searchParams)).toMatchObject({ "page[size]": "1", sort: "-id", locale: "en" });
    expect(next.search).toContain("page%5Bafter%5D=");
  });

  test.each([
    "page[size]=0",
    "page[size]=101",
    "page[size]=x",
    "page[after]=nonsense",
    "page[after]=WyJpZCIsMCwiJyBvciAxPTEiXQ",
    "page[after]=a&page[before]=b",
    "sort=name",
  ])("refuses %s with the third envelope", async (query) => {
    const object = await objectWith(store.app);
    const { body } = await api.get(`custom_objects/${object}/records?${query}`).expect(400);
    expect(body).toMatchObject({ errors: [{ code: "InvalidPaginationParameter" }] });
  });

  test("a cursor belongs to the order that it was made in", async () => {
    const object = await withRecords(2);
    const { meta } = await pageAt(store.app, `custom_objects/${object}/records?page[size]=1`);
    await api.get(`custom_objects/${object}/records?sort=-id&page[after]=${meta.after_cursor}`).expect(400);
  });
});

test("each type of field takes what fits, gives it back in its own form, and refuses the rest", async () => {
  const options = [
    { name: "Car", value: "car" },
    { name: "Bus", value: "bus" },
  ];
  const object = await objectWith(store.app, {
    fields: [
      { key: "text" },
      { key: "area", type: "textarea" },
      { key: "check", type: "checkbox" },
      { key: "day", type: "date" },
      { key: "whole", type: "integer" },
      { key: "part", type: "decimal" },
      { key: "code", type: "regexp", regexp_for_validation: "^[A-Z]{2}$" },
      { key: "one", type: "dropdown", custom_field_options: options },
      { key: "many", type: "multiselect", custom_field_options: options },
    ],
  });
  const write = (fields: object) =>
    api.patch(`custom_objects/${object}/records?external_id=E1`, {
      custom_object_record: { name: "One", custom_object_fields: fields },
    });
  const good = {
    text: "t",
    area: "a\nb",
    check: "true",
    day: "2024-02-27",
    whole: "2020",
    part: "12.5",
    code: "AB",
    one: "car",
    many: ["bus"],
  };
  const kept = { ...good, check: true, day: "2024-02-27T00:00:00+00:00", whole: 2020, part: 12.5 };
  const { body } = await write(good).expect(200);
  expect(body).toMatchObject({ custom_object_record: { custom_object_fields: kept } });
  // A record can be written back as it was read.
  await write(kept).expect(200);
  const bad = {
    text: 1,
    area: [],
    check: "yes",
    day: "soon",
    whole: 1.5,
    part: "x",
    code: "abc",
    one: "tram",
    many: "bus",
  };
  const refused = await write(bad).expect(422);
  expect(Object.keys((refused.body as { details: object }).details).toSorted()).toEqual(Object.keys(bad).toSorted());
  const cleared = Object.fromEntries(Object.keys(good).map((key) => [key, null]));
  expect((await write(cleared).expect(200)).body).toMatchObject({
    custom_object_record: { custom_object_fields: cleared },
  });
});
