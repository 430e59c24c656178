import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { client, objectWith, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

let store: StoreUnderTest;
let api: ReturnType<typeof client>;
let olderRefused = 0;
beforeAll(async () => {
  store = await storeUnderTest({ onOlderRefused: () => void (olderRefused += 1) });
  api = client(store.app);
});
afterAll(() => store.close());

/** Stamps as `encodeStamp` of packages/record makes them: their bytes order as they do. */
const stamp = (number: number): string => `80000000000000${number.toString(16).padStart(2, "0")}0001`;
type Entry = Readonly<Record<string, "*" | readonly string[]>> | null;
const header = (state: string, ...items: readonly Entry[]): string =>
  deflateRawSync(JSON.stringify({ state, items })).toString("base64");

let fence = 1000;
const write = (object: string, fields: object, stamps: string, name: string | undefined = "One") => {
  fence += 1;
  const custom_object_record = { ...(name === undefined ? {} : { name }), custom_object_fields: fields };
  return api
    .patch(`custom_objects/${object}/records?external_id=E1`, { custom_object_record })
    .set("Sluice-Fence", String(fence))
    .set("Sluice-Stamps", stamps);
};
const remove = (object: string, stamps: string) => {
  fence += 1;
  return api
    .delete(`custom_objects/${object}/records?external_id=E1`)
    .set("Sluice-Fence", String(fence))
    .set("Sluice-Stamps", stamps);
};
type Shown = { readonly name: string; readonly custom_object_fields: Readonly<Record<string, unknown>> };
const shown = async (object: string): Promise<Shown | undefined> => {
  const { body } = await api.get(`custom_objects/${object}/records`).expect(200);
  return (body as { custom_object_records: Shown[] }).custom_object_records[0];
};
const plain = () => objectWith(store.app, { fields: [{ key: "tier" }, { key: "city" }] });
const all = (state: string, number: number): string => header(state, { [stamp(number)]: "*" });

test("after the writer's state went back, what is older than what the record shows is left out, and named", async () => {
  const object = await plain();
  await write(object, { tier: "v5" }, all("first", 5)).expect(200);
  const answer = await write(
    object,
    { tier: "v3", city: "v6" },
    header("second", { [stamp(3)]: ["tier", "@name"], [stamp(6)]: ["city"] }),
    "Three",
  ).expect(200);
  expect(answer.headers["sluice-stale-fields"]?.split(",").toSorted()).toEqual(["@name", "tier"]);
  expect(await shown(object)).toMatchObject({ name: "One", custom_object_fields: { tier: "v5", city: "v6" } });
  expect(olderRefused).toBe(1);
});

test("a write of which nothing is newer is refused, and stays refused while the writer catches up", async () => {
  const object = await plain();
  await write(object, { tier: "v5" }, all("first", 5)).expect(200);
  for (const number of [3, 4]) {
    const { body } = await write(object, { tier: `v${number}` }, all("second", number), `N${number}`).expect(409);
    expect(body).toMatchObject({ error: "StaleStamp" });
  }
  expect(await shown(object)).toMatchObject({ name: "One", custom_object_fields: { tier: "v5" } });
  await write(object, { tier: "v5" }, all("second", 5)).expect(200);
  await write(object, { tier: "v6" }, all("second", 6)).expect(200);
  expect(await shown(object)).toMatchObject({ custom_object_fields: { tier: "v6" } });
});

test("within one state its writer's own books decide: what it sends stands, whatever its stamp", async () => {
  const object = await plain();
  await write(object, { tier: "v5" }, all("first", 5)).expect(200);
  await write(object, { tier: "forgotten and written anew" }, all("first", 1)).expect(200);
  expect(await shown(object)).toMatchObject({ custom_object_fields: { tier: "forgotten and written anew" } });
});

test("a record of which something is newer than a delete lives on without what is older", async () => {
  const object = await plain();
  await write(object, { city: "v2" }, all("first", 2)).expect(200);
  await write(object, { tier: "v5" }, all("first", 5)).expect(200);
  expect((await remove(object, all("second", 4)).expect(409)).body).toMatchObject({ error: "StaleStamp" });
  expect(await shown(object)).toMatchObject({ name: "One", custom_object_fields: { tier: "v5", city: null } });
  await write(object, { city: "v3" }, all("third", 3)).expect(409);
  await remove(object, all("second", 6)).expect(204);
});

test("what is older than a delete brings the record not back, and what is newer does", async () => {
  const object = await plain();
  await write(object, { tier: "v5" }, all("first", 5)).expect(200);
  await remove(object, all("first", 7)).expect(204);
  await write(object, { tier: "v6" }, all("second", 6)).expect(409);
  expect(await shown(object)).toBeUndefined();
  await write(object, { tier: "v8" }, all("second", 8)).expect(200);
  expect(await shown(object)).toMatchObject({ custom_object_fields: { tier: "v8" } });
});

test("a name that is older stays as it is while a newer field is written", async () => {
  const object = await plain();
  await write(object, { tier: "v5" }, all("first", 5), "Five").expect(200);
  await write(
    object,
    { city: "v6" },
    header("second", { [stamp(3)]: ["@name"], [stamp(6)]: ["city"] }),
    "Three",
  ).expect(200);
  expect(await shown(object)).toMatchObject({ name: "Five", custom_object_fields: { tier: "v5", city: "v6" } });
});

test("in a bulk job each item has stamps of its own, and one that tells nothing is written", async () => {
  const object = await plain();
  await write(object, { tier: "v5" }, all("first", 5)).expect(200);
  const items = ["E1", "E2"].map((external_id) => ({
    name: "Job",
    external_id,
    custom_object_fields: { tier: "v3" },
  }));
  fence += 1;
  const { body } = await api
    .post(`custom_objects/${object}/jobs`, { job: { action: "create_or_update_by_external_id", items } })
    .set("Sluice-Fences", `${fence},${fence}`)
    .set("Sluice-Stamps", header("second", { [stamp(3)]: "*" }, null))
    .expect(201);
  const { results } = (body as { job_status: { results: { status: string; errors?: { code: string }[] }[] } })
    .job_status;
  expect(results.map(({ status, errors }) => errors?.[0]?.code ?? status)).toEqual(["StaleStamp", "CreateOrUpdate"]);
});

test.each([
  ["no base64 of anything", "???"],
  ["entries for more items", header("first", null, null)],
  ["a stamp that is none", header("first", { xyz: "*" })],
])("stamps with %s are refused with 400", async (_, stamps) => {
  await write(await plain(), { tier: "x" }, stamps).expect(400);
});
