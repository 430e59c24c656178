import { asyncProperty, assert as assertProperty, array, integer, record, constantFrom } from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { client, objectWith, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

let store: StoreUnderTest;
let api: ReturnType<typeof client>;
beforeAll(async () => {
  store = await storeUnderTest();
  api = client(store.app);
});
afterAll(() => store.close());

const stale = (newest_fence: string) => ({
  error: "StaleFence",
  description: "A writer with a higher Sluice-Fence has written this key",
  newest_fence,
});

const write = (object: string, fence: string | undefined, note: string, query = "external_id=E1") => {
  const body = { custom_object_record: { name: "One", custom_object_fields: { note } } };
  const request = api.patch(`custom_objects/${object}/records?${query}`, body);
  return fence === undefined ? request : request.set("Sluice-Fence", fence);
};
const remove = (object: string, fence: string, query = "external_id=E1") =>
  api.delete(`custom_objects/${object}/records?${query}`).set("Sluice-Fence", fence);
const noteOf = async (object: string): Promise<unknown> => {
  const { body } = await api.get(`custom_objects/${object}/records`).expect(200);
  const [found] = (body as { custom_object_records: { custom_object_fields: { note: unknown } }[] })
    .custom_object_records;
  return found?.custom_object_fields.note;
};
const withNote = () => objectWith(store.app, { fields: [{ key: "note" }], name: { is_unique: true } });

test("a lower fence is refused, an equal one is a retry, a higher one goes on", async () => {
  const object = await withNote();
  await write(object, "1000", "a").expect(200);
  expect((await write(object, "999", "late").expect(409)).body).toEqual(stale("1000"));
  await write(object, "1000", "again").expect(200);
  await write(object, "1001", "next").expect(200);
  expect(await noteOf(object)).toBe("next");
});

test("a fence outlives its record: a late writer can't bring it back", async () => {
  const object = await withNote();
  await write(object, "10", "a").expect(200);
  await remove(object, "20").expect(204);
  expect((await write(object, "15", "late").expect(409)).body).toEqual(stale("20"));
  expect(await noteOf(object)).toBeUndefined();
  await write(object, "21", "new").expect(200);
  expect((await remove(object, "20").expect(409)).body).toEqual(stale("21"));
});

test("a delete of nothing raises the fence too", async () => {
  const object = await withNote();
  await remove(object, "20").expect(404);
  await write(object, "19", "late").expect(409);
});

test("without the header nothing is checked, and the fence stays", async () => {
  const object = await withNote();
  await write(object, "10", "a").expect(200);
  await write(object, undefined, "by hand").expect(200);
  await write(object, "9", "late").expect(409);
});

test("each key has a fence of its own, and names have theirs", async () => {
  const object = await withNote();
  await write(object, "10", "a").expect(200);
  await write(object, "5", "b", "name=One").expect(200);
  await write(object, "4", "c", "name=One").expect(409);
  await remove(object, "5", "name=One").expect(204);
});

test("what was refused for another reason leaves no fence behind", async () => {
  const object = await withNote();
  await api
    .patch(`custom_objects/${object}/records?external_id=E1`, {
      custom_object_record: { name: "x", custom_object_fields: { note: 1 } },
    })
    .set("Sluice-Fence", "100")
    .expect(422);
  await write(object, "50", "a").expect(200);
});

test.each(["", "-1", "1.5", "abc", "9223372036854775808", "1 2"])("the fence %j is refused with 400", async (fence) => {
  const object = await withNote();
  await write(object, fence, "a").expect(400);
});

test("fences are exact up to 2^63 - 1", async () => {
  const object = await withNote();
  await write(object, "9223372036854775807", "a").expect(200);
  await write(object, "9223372036854775806", "b").expect(409);
});

test("whatever order writers arrive in at once, the one with the highest fence has the last word", async () => {
  const step = record({ fence: integer({ min: 1, max: 9 }), kind: constantFrom("write", "update", "delete") });
  await assertProperty(
    asyncProperty(array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
      const object = await withNote();
      await Promise.all(
        steps.map(({ fence, kind }, i) =>
          kind === "delete" ? remove(object, String(fence)) : write(object, String(fence), `${fence}.${i}`),
        ),
      );
      const highest = Math.max(...steps.map(({ fence }) => fence));
      const last = steps.filter(({ fence }) => fence === highest);
      const note = await noteOf(object);
      // Two writers with one fence are one writer that repeats itself; the order of the two is open.
      const allowed = last.map(({ kind }) => (kind === "delete" ? undefined : highest));
      expect(allowed).toContain(typeof note === "string" ? Number(note.split(".")[0]) : undefined);
    }),
    { numRuns: 20 },
  );
});
