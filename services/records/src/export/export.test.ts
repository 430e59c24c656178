import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "@sluice/runtime";
import { READER, client, objectWith, steppingClock, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

const clock = steppingClock();
let store: StoreUnderTest;
let admin: ReturnType<typeof client>;
let api: ReturnType<typeof client>;
beforeAll(async () => {
  store = await storeUnderTest({ clock });
  admin = client(store.app);
  api = client(store.app, READER);
});
afterAll(() => store.close());

type Export = {
  custom_object_records: Record<string, unknown>[];
  after_cursor: string;
  after_url: string;
  meta: { has_more: boolean };
  links: { next: string | null };
  end_of_stream: boolean;
};

const START = Math.floor(clock.nowMs() / 1000) - 3600;

async function withRecords(count: number): Promise<string> {
  const object = await objectWith(store.app, { fields: [{ key: "note" }, { key: "empty" }] });
  for (let index = 0; index < count; index += 1) {
    clock.advance(1_000);
    const record = { name: `r${index}`, external_id: `E${index}`, custom_object_fields: { note: "secret" } };
    await admin.post(`custom_objects/${object}/records`, { custom_object_record: record }).expect(201);
  }
  return object;
}
const exportOf = async (object: string, query: string): Promise<Export> =>
  (await api.get(`incremental/custom_objects/${object}/cursor.json?${query}`).expect(200)).body as Export;
const namesOf = ({ custom_object_records }: Export) => custom_object_records.map(({ name }) => name);

test("an export walks everything that changed, in the order of the last change, and goes on from where it ended", async () => {
  const object = await withRecords(5);
  clock.advance(1_000);
  const change = { custom_object_record: { name: "r0 again" } };
  await admin.patch(`custom_objects/${object}/records?external_id=E0`, change).expect(200);
  clock.advance(61_000);
  const pages = [await exportOf(object, `start_time=${START}&per_page=2`)];
  for (let { next } = pages[0]!.links; next !== null; next = pages.at(-1)!.links.next) {
    expect(next).toBe(pages.at(-1)?.after_url);
    pages.push((await api.get(next.replace("http://records.test/api/v2/", "")).expect(200)).body as Export);
  }
  expect(pages.map((page) => page.custom_object_records.length)).toEqual([2, 2, 1]);
  expect(pages.map((page) => [page.meta.has_more, page.end_of_stream])).toEqual([
    [true, false],
    [true, false],
    [false, true],
  ]);
  expect(pages.flatMap(namesOf)).toEqual(["r1", "r2", "r3", "r4", "r0 again"]);
  expect(pages[0]?.custom_object_records[0]).not.toHaveProperty("photo");

  const cursor = pages.at(-1)?.after_cursor ?? "";
  const later = await exportOf(object, `cursor=${cursor}`);
  expect(later).toMatchObject({ custom_object_records: [], after_cursor: cursor, end_of_stream: true });
  await admin.patch(`custom_objects/${object}/records?external_id=E2`, { custom_object_record: { name: "r2 again" } });
  clock.advance(61_000);
  expect(namesOf(await exportOf(object, `cursor=${cursor}`))).toEqual(["r2 again"]);
});

test("the latest minute is left for the next time", async () => {
  const object = await withRecords(2);
  expect(namesOf(await exportOf(object, `start_time=${START}`))).toEqual([]);
  clock.advance(59_500);
  expect(namesOf(await exportOf(object, `start_time=${START}`))).toEqual(["r0"]);
  clock.advance(1_000);
  expect(namesOf(await exportOf(object, `start_time=${START}`))).toEqual(["r0", "r1"]);
});

test("a deleted record is told of without what it held, or left out", async () => {
  const object = await withRecords(2);
  clock.advance(1_000);
  await admin.delete(`custom_objects/${object}/records?external_id=E0`).expect(204);
  clock.advance(61_000);
  const { custom_object_records } = await exportOf(object, `start_time=${START}`);
  expect(custom_object_records).toMatchObject([
    { name: "r1", custom_object_fields: { note: "secret", empty: null } },
    { name: "[DELETED]", external_id: "E0", custom_object_fields: { note: "[DELETED]", empty: null } },
  ]);
  const without = await exportOf(object, `start_time=${START}&filter[exclude_deleted]=true`);
  expect(without).toMatchObject({ custom_object_records: [{ name: "r1" }], filter: { exclude_deleted: true } });
});

test.each<[string, string]>([
  ["", "InvalidParameters"],
  ["start_time=yesterday", "InvalidParameters"],
  ["start_time=99999999999", "StartTimeTooRecent"],
  ["cursor=nonsense", "InvalidCursor"],
  [`cursor=${Buffer.from('["id","x","y"]').toString("base64url")}`, "InvalidCursor"],
  ["per_page=0&start_time=1", "InvalidPaginationParameter"],
  ["per_page=1001&start_time=1", "InvalidPaginationParameter"],
  ["cursor=%00", "InvalidParameters"],
])("of %j the answer is a 400 %s, in the form of the vendor's document", async (query, code) => {
  const object = await objectWith(store.app);
  const { body } = await api.get(`incremental/custom_objects/${object}/cursor?${query}`).expect(400);
  expect(body).toMatchObject({ errors: [{ code, status: "400", title: expect.any(String) }] });
  expect(Object.keys(body as object)).toEqual(["errors"]);
});

test("whatever refuses an export, its answer has that form, also with .json behind the path and in capitals", async () => {
  const object = await objectWith(store.app);
  const at = `incremental/custom_objects/${object}/cursor`;
  const codeOf = (answer: { body: unknown }) =>
    (answer.body as { errors: [{ code: string; status: string }] }).errors[0];
  expect(codeOf(await client(store.app, "nobody's").get(`${at}?start_time=1`).expect(401))).toMatchObject({
    code: "Unauthorized",
    status: "401",
  });
  const nothing = `incremental/custom_objects/nope/cursor.json?start_time=1`;
  expect(codeOf(await api.get(nothing).expect(404)).code).toBe("CustomObjectNotFound");
  expect(codeOf(await api.get(`INCREMENTAL/custom_objects/nope/cursor?start_time=1`).expect(404)).code).toBe(
    "CustomObjectNotFound",
  );
  expect(codeOf(await api.get("incremental/custom_objects/%FF/cursor").expect(400)).code).toBe("InvalidParameters");
  expect(codeOf(await api.get("incremental/nothing").expect(404)).code).toBe("InvalidEndpoint");
  const failing: Database = {
    ...store.database,
    async query(sql, parameters, options) {
      if (sql.includes("updated_at, id) >")) throw Object.assign(new Error("away"), { code: "57P01" });
      return store.database.query(sql, parameters, options);
    },
  };
  const away = client(await store.another({ database: failing }), READER);
  expect(codeOf(await away.get(`${at}?start_time=1`).expect(503)).code).toBe("ServiceUnavailable");
});

test.each(["per_page=1000&start_time=1", "per_page=1&start_time=0&unknown=x"])("%j is taken", async (query) => {
  const object = await objectWith(store.app);
  await api.get(`incremental/custom_objects/${object}/cursor?${query}`).expect(200);
});

test("a start of less than a minute ago is refused, and an unknown object is a 404", async () => {
  const object = await objectWith(store.app);
  const seconds = Math.floor(clock.nowMs() / 1000);
  await api.get(`incremental/custom_objects/${object}/cursor?start_time=${seconds - 59}`).expect(400);
  await api.get(`incremental/custom_objects/${object}/cursor?start_time=${seconds - 61}`).expect(200);
  await api.get("incremental/custom_objects/nope/cursor?start_time=1").expect(404);
});
