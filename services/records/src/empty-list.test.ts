import { afterAll, beforeAll, expect, test } from "vitest";
import { client, objectWith, storeUnderTest, type StoreUnderTest } from "./under-test.ts";

/** PHP's client sends `[]` for a record without fields; the store once answered 422. */
let store: StoreUnderTest;
let api: ReturnType<typeof client>;
let object: string;
beforeAll(async () => {
  store = await storeUnderTest();
  api = client(store.app);
  object = await objectWith(store.app, { fields: [{ key: "note" }], name: { is_unique: true } });
});
afterAll(() => store.close());

const NO_FIELDS = { name: "One", custom_object_fields: [] };

test("an empty list is no fields, in every way that a record is written", async () => {
  const records = `custom_objects/${object}/records`;
  const { body } = await api.post(records, { custom_object_record: { ...NO_FIELDS, name: "Zero" } }).expect(201);
  const { id } = (body as { custom_object_record: { id: string } }).custom_object_record;
  await api.patch(`${records}/${id}`, { custom_object_record: { custom_object_fields: [] } }).expect(200);
  await api.patch(`${records}?external_id=E1`, { custom_object_record: NO_FIELDS }).expect(200);
  await api.patch(`${records}?name=Two`, { custom_object_record: [] }).expect(200);
  const items = [{ external_id: "E1", custom_object_fields: [] }];
  const job = await api.post(`custom_objects/${object}/jobs`, {
    job: { action: "create_or_update_by_external_id", items },
  });
  expect(job.body).toMatchObject({ job_status: { results: [{ status: "CreateOrUpdate" }] } });
});

test("nor is it anything in a filter, or in a definition where an object is meant", async () => {
  const all = await api.post(`custom_objects/${object}/records/search`, { filter: [], query: "*" }).expect(200);
  const same = await api.post(`custom_objects/${object}/records/search`, { filter: {}, query: "*" });
  expect([all.status, (all.body as { count: number }).count]).toEqual([
    same.status,
    (same.body as { count: number }).count,
  ]);
  await api.post(`custom_objects/${object}/records/search`, []).expect(200);
  const field = { key: "other", title: "Other", properties: [], relationship_filter: [], custom_field_options: [] };
  await api.post(`custom_objects/${object}/fields`, { custom_object_field: field }).expect(201);
  await api
    .patch(`custom_objects/${object}/fields/standard::name`, { custom_object_field: { properties: [] } })
    .expect(200);
  await api.patch(`custom_objects/${object}`, { custom_object: [] }).expect(200);
});

test("a list with something in it is no object", async () => {
  const records = `custom_objects/${object}/records?external_id=E1`;
  await api.patch(records, { custom_object_record: { custom_object_fields: ["x"] } }).expect(422);
  await api.patch(records, { custom_object_record: [1] }).expect(400);
  await api.post(`custom_objects/${object}/records/search`, { filter: [1] }).expect(400);
});
