import { afterAll, beforeAll, expect, test } from "vitest";
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

test.each<[string, number]>([
  ["", 400],
  ["start_time=yesterday", 400],
  ["start_time=99999999999", 400],
  ["cursor=nonsense", 400],
  ["per_page=0&start_time=1", 400],
  ["per_page=1001&start_time=1", 400],
  ["per_page=1000&start_time=1", 200],
  ["per_page=1&start_time=0&unknown=x", 200],
])("of %j the answer is %i", async (query, status) => {
  const object = await objectWith(store.app);
  await api.get(`incremental/custom_objects/${object}/cursor?${query}`).expect(status);
});

test("a start of less than a minute ago is refused, and an unknown object is a 404", async () => {
  const object = await objectWith(store.app);
  const seconds = Math.floor(clock.nowMs() / 1000);
  await api.get(`incremental/custom_objects/${object}/cursor?start_time=${seconds - 59}`).expect(400);
  await api.get(`incremental/custom_objects/${object}/cursor?start_time=${seconds - 61}`).expect(200);
  await api.get("incremental/custom_objects/nope/cursor?start_time=1").expect(404);
});
