import type { ObjectConfiguration } from "@sluice/runtime";
import { createLog, systemClock } from "@sluice/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRecordsApp } from "../app.ts";
import { ensureObjects } from "./ensure-objects.ts";
import { startRecords } from "../start.ts";
import type { Store } from "../store.ts";
import { client, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

const log = createLog({ role: "records", level: "silent" });
let under: StoreUnderTest;
let store: Store;
beforeAll(async () => {
  under = await storeUnderTest();
  ({ store } = await createRecordsApp({ database: under.database, tokens: [], clock: systemClock, log }));
});
afterAll(() => under.close());

const field = (key: string, type: string, more: object = {}) =>
  [key, { key, type, title: key, options: new Map<string, string>(), ...more }] as const;

const customer = (key: string): ObjectConfiguration => ({
  key,
  title: "Customer",
  titlePluralized: "Customers",
  uniqueNames: true,
  fields: new Map([
    field("tier", "dropdown", { options: new Map([["gold", "Gold"]]) }),
    field("code", "regexp", { pattern: "^a" }),
  ]),
});

test("what is missing is made, and what is there is left alone", async () => {
  expect(await ensureObjects(store, [customer("first")])).toEqual(["first", "first.tier", "first.code"]);
  const api = client(under.app);
  await api.patch("custom_objects/first/fields/tier", { custom_object_field: { title: "By hand" } }).expect(200);
  await api.delete("custom_objects/first/fields/code").expect(204);
  expect(await ensureObjects(store, [customer("first")])).toEqual(["first.code"]);
  const { body } = await api.get("custom_objects/first/fields/tier").expect(200);
  expect(body).toMatchObject({
    custom_object_field: { title: "By hand", custom_field_options: [{ value: "gold", name: "Gold" }] },
  });
  await api.patch("custom_objects/first/records?name=One", { custom_object_record: {} }).expect(200);
});

test("processes that start together make it once", async () => {
  const made = await Promise.all([1, 2, 3].map(() => ensureObjects(store, [customer("second")])));
  expect(made.flat().toSorted()).toEqual(["second", "second.code", "second.tier"]);
});

test("what the API would refuse is an error that says why", async () => {
  const bad = { ...customer("third"), fields: new Map([field("x", "currency")]) };
  await expect(ensureObjects(store, [bad])).rejects.toThrow("Type: is invalid");
});

test("the running service has health, readiness, metrics and the API on one port", async () => {
  const { database } = under;
  const tokens = [{ token: "t", role: "admin" }] as const;
  const running = await startRecords({
    database,
    tokens,
    port: 0,
    clock: systemClock,
    log,
    objects: [customer("fourth")],
  });
  try {
    for (const path of ["/healthz", "/readyz", "/metrics"]) expect((await fetch(running.url + path)).status).toBe(200);
    const answer = await fetch(`${running.url}/api/v2/custom_objects/fourth`, {
      headers: { authorization: "Bearer t" },
    });
    expect(await answer.json()).toMatchObject({
      custom_object: { url: `${running.url}/api/v2/custom_objects/fourth.json` },
    });
  } finally {
    await running.close();
  }
});
