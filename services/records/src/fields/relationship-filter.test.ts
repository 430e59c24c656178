import { afterAll, beforeAll, expect, test } from "vitest";
import { client, objectWith, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

let store: StoreUnderTest;
beforeAll(async () => {
  store = await storeUnderTest();
});
afterAll(() => store.close());

test.each([
  ["a value", { all: [{ value: "\ud800" }] }],
  ["the name of a member", { "a\0b": 1 }],
])("a filter in which %s is no text that can be kept is refused, and no fault of the store's", async (_, filter) => {
  const object = await objectWith(store.app, {});
  const field = { key: "owner", title: "Owner", type: "text", relationship_filter: filter };
  const path = `custom_objects/${object}/fields`;
  const refused = await client(store.app).post(path, { custom_object_field: field });
  expect([400, 422]).toContain(refused.status);
  expect(JSON.stringify(refused.body)).toContain("relationship_filter");
  await client(store.app)
    .post(path, { custom_object_field: { ...field, relationship_filter: { all: [{ value: "ü" }] } } })
    .expect(201);
});
