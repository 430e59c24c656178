import { afterAll, beforeAll, expect, test } from "vitest";
import { AGENT, client, objectWith, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

let store: StoreUnderTest;
let api: ReturnType<typeof client>;
beforeAll(async () => {
  store = await storeUnderTest();
  api = client(store.app);
});
afterAll(() => store.close());

type Page = {
  custom_object_fields: { id: number; key: string }[];
  meta: { has_more: boolean };
  links: { next: string | null; prev: string | null };
};
const withFields = () => objectWith(store.app, { fields: ["a", "b", "c", "d"].map((key) => ({ key })) });
const pageOf = async (path: string): Promise<Page> => (await api.get(path).expect(200)).body as Page;
const follow = (link: string | null) => pageOf((link ?? "").replace("http://records.test/api/v2/", ""));
const keysOf = ({ custom_object_fields }: Page) => custom_object_fields.map(({ key }) => key);

test("fields are put in another order, and those that are not named follow", async () => {
  const object = await withFields();
  const ids = new Map(
    (await pageOf(`custom_objects/${object}/fields`)).custom_object_fields.map(({ key, id }) => [key, id]),
  );
  await api
    .put(`custom_objects/${object}/fields/reorder`, { field_ids: [ids.get("d"), String(ids.get("b"))] })
    .expect(200);
  expect(keysOf(await pageOf(`custom_objects/${object}/fields`))).toEqual(["d", "b", "a", "c"]);
  const all = await pageOf(`custom_objects/${object}/fields.json?include_standard_fields=true`);
  expect(keysOf(all)).toEqual(["standard::name", "standard::external_id", "d", "b", "a", "c"]);
  // Records show their fields in this order too.
  const { body } = await api
    .post(`custom_objects/${object}/records`, { custom_object_record: { name: "x" } })
    .expect(201);
  expect(
    Object.keys(
      (body as { custom_object_record: { custom_object_fields: object } }).custom_object_record.custom_object_fields,
    ),
  ).toEqual(["d", "b", "a", "c"]);
});

test.each<[unknown, number]>([
  [undefined, 400],
  [[], 400],
  ["1", 400],
  [["x"], 400],
  [[1], 404],
])("the order %j is refused with %i", async (field_ids, status) => {
  await api.put(`custom_objects/${await withFields()}/fields/reorder`, { field_ids }).expect(status);
});

test("only admins put fields in another order", async () => {
  const agent = client(store.app, AGENT);
  await agent.put(`custom_objects/${await withFields()}/fields/reorder`, { field_ids: [1] }).expect(403);
});

test("the list of fields is walked forwards and backwards", async () => {
  const object = await withFields();
  const first = await pageOf(`custom_objects/${object}/fields?page[size]=3`);
  const last = await follow(first.links.next);
  expect([keysOf(first), keysOf(last)]).toEqual([["a", "b", "c"], ["d"]]);
  expect([first.meta.has_more, last.meta.has_more, last.links.next]).toEqual([true, false, null]);
  expect(keysOf(await follow(last.links.prev))).toEqual(["a", "b", "c"]);
  await api.get(`custom_objects/${object}/fields?page[size]=0`).expect(400);
});
