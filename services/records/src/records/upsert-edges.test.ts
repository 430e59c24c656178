import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OWN_ACCOUNT } from "../account/account.ts";
import { client, invalid, objectWith, steppingClock, storeUnderTest, type StoreUnderTest } from "../under-test.ts";
import { FIELDS, upserting } from "./upserting.ts";

const clock = steppingClock();
let store: StoreUnderTest;
let api: ReturnType<typeof client>;
let on: ReturnType<typeof upserting>;
beforeAll(async () => {
  store = await storeUnderTest({ clock });
  api = client(store.app);
  on = upserting(store.app);
});
afterAll(() => store.close());

const BLANK_NAME = invalid({ base: [{ description: "Name: cannot be blank", error: "BlankValue" }] });

describe("the upsert, rows 20 to 32", () => {
  test("20: a missing envelope is 400; an empty one changes nothing on a match and lacks a name otherwise", async () => {
    const object = await on.plain();
    const path = `custom_objects/${object}/records?external_id=E1`;
    for (const body of [
      {},
      { record: {} },
      { custom_object_record: null },
      { custom_object_record: [{}] },
      "[]",
      "null",
    ]) {
      await api.patch(path, body).expect(400);
    }
    await api.patch(path).expect(400);
    expect((await api.patch(path, { custom_object_record: {} }).expect(422)).body).toEqual(BLANK_NAME);
    await on.byId(object, "E1", { name: "One", custom_object_fields: { note: "n" } }).expect(200);
    const [before] = await on.recordsOf(object);
    const { body } = await api.patch(path, { custom_object_record: {} }).expect(200);
    expect(body).toEqual({ custom_object_record: { ...before, updated_at: expect.any(String) as unknown } });
  });

  test.each([
    ["a byte order mark", "\ufeffC1"],
    ["a zero width space", "C\u200b1"],
    ["a joiner after a letter of ASCII", "C\u200d1"],
    ["a joiner at its end", "क\u200d"],
    ["a soft hyphen", "C\u00ad1"],
    ["a direction", "\u202eC1"],
    ["a selector after a letter of ASCII", "C1\ufe0f"],
    ["a line end", "C1\n"],
    ["a tab", "C\t1"],
  ])("23: a key can't have %s: it would be shown like another", async (_what, key) => {
    const object = await on.unique();
    const unseen = (what: string) =>
      invalid({ base: [{ description: `${what}: has characters that cannot be seen`, error: "InvalidFormat" }] });
    expect((await on.byId(object, key, { name: "One" }).expect(422)).body).toEqual(unseen("External ID"));
    expect((await on.byName(object, key, {}).expect(422)).body).toEqual(unseen("Name"));
    expect((await on.byId(object, "E1", { name: key }).expect(422)).body).toEqual(unseen("Name"));
    const record = { name: "One", external_id: key };
    const path = `custom_objects/${object}/records`;
    expect((await api.post(path, { custom_object_record: record }).expect(422)).body).toEqual(unseen("External ID"));
    const job = { action: "create_or_update_by_external_id", items: [record, { name: "Two", external_id: "E2" }] };
    expect((await api.post(`custom_objects/${object}/jobs`, { job }).expect(201)).body).toMatchObject({
      job_status: {
        results: [
          { status: "Failed", errors: [{ detail: "External ID: has characters that cannot be seen" }] },
          { status: "CreateOrUpdate" },
        ],
      },
    });
    expect(await on.recordsOf(object)).toHaveLength(1);
    // A name that is no key may have what its writer likes.
    await on.byId(await on.plain(), "E1", { name: key.trim() === "" ? "x" : key }).expect(200);
  });

  test.each([
    "می\u200cخواهم",
    "👩\u200d🔧",
    "❤\ufe0f",
    "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    " C1 ",
    "a b",
  ])("23: %j is a key, for all of it is seen or part of what is", async (key) => {
    const object = await on.unique();
    await on.byId(object, key, { name: key }).expect(200);
    expect(await on.recordsOf(object)).toMatchObject([{ external_id: key, name: key }]);
  });

  test("21 and 22: external_ids and names are compared byte by byte, and not trimmed", async () => {
    const object = await on.unique();
    for (const id of ["a", "A", " a", "a ", "ä", "a\u0308"])
      await on.byId(object, id, { name: `name ${id}` }).expect(200);
    expect(await on.recordsOf(object)).toHaveLength(6);
    for (const name of ["b", "B", " b"]) await on.byName(object, name, {}).expect(200);
    expect(await on.recordsOf(object)).toHaveLength(9);
  });

  test("23: external_id and name may have 255 characters and not one more", async () => {
    const object = await on.unique();
    const longest = "😀".repeat(255);
    await on.byId(object, longest, { name: longest }).expect(200);
    const tooLong = (what: string) =>
      invalid({ base: [{ description: `${what}: is longer than 255 characters`, error: "TooLong" }] });
    expect((await on.byId(object, `${longest}x`, { name: "n" }).expect(422)).body).toEqual(tooLong("External ID"));
    expect((await on.byId(object, "E", { name: `${longest}x` }).expect(422)).body).toEqual(tooLong("Name"));
    expect((await on.byName(object, `${longest}x`, {}).expect(422)).body).toEqual(tooLong("Name"));
  });

  test.each(["a b", "a/b", "part#1", "a&b=c", "a+b", "🚢", "a,b", "100%", "x.json", "ends?.json", "' or 1=1 --", '"'])(
    "24: the external_id %j is kept as it is",
    async (id) => {
      const object = await on.plain();
      await on.byId(object, id, { name: "One" }).expect(200);
      await on.byId(object, id, { name: "Two" }).expect(200);
      expect(await on.recordsOf(object)).toMatchObject([{ external_id: id, name: "Two" }]);
    },
  );

  test("24: a plus in the query is a space, and text that can't be kept is refused", async () => {
    const object = await on.plain();
    await api.patch(`custom_objects/${object}/records.json?external_id=X+1%2F%C3%A4`, {
      custom_object_record: { name: "One" },
    });
    expect(await on.recordsOf(object)).toMatchObject([{ external_id: "X 1/ä" }]);
    await on.byId(object, "a\0b", { name: "One" }).expect(400);
    await on.byId(object, "E2", { name: "a\0b" }).expect(422);
  });

  test("25: a number as external_id is its text", async () => {
    const object = await on.plain();
    await on.byId(object, "17", { name: "One", external_id: 17 }).expect(200);
    expect(await on.recordsOf(object)).toMatchObject([{ external_id: "17" }]);
  });

  test("26: a photo is refused, null is not", async () => {
    const object = await on.plain();
    await on.byId(object, "E1", { name: "One", photo: { id: 1 } }).expect(422);
    await on.byId(object, "E1", { name: "One", photo: null }).expect(200);
  });

  test("27: fifty upserts of one new key at once make one record, and all answer 200", async () => {
    const object = await on.unique();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        on.byId(object, "E1", { name: "One", custom_object_fields: { note: `n${i}` } }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.filter(({ headers }) => headers["x-sluice-upsert"] === "created")).toHaveLength(1);
    expect(await on.recordsOf(object)).toHaveLength(1);
    const named = await Promise.all(Array.from({ length: 50 }, () => on.byName(object, "Two", {})));
    expect(new Set(named.map(({ status }) => status))).toEqual(new Set([200]));
    const counted = await on.numbered();
    const made = await Promise.all(Array.from({ length: 20 }, () => on.byId(counted, "E1", {})));
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await on.recordsOf(object)).toHaveLength(2);
    expect(await on.recordsOf(counted)).toHaveLength(1);
  });

  test("27: writers that name one record by its name, by its external_id, and delete it, never make two of it", async () => {
    const object = await on.unique();
    const step = (i: number) => {
      const key = i % 3;
      if (i % 10 === 9) return api.delete(`custom_objects/${object}/records?external_id=E${key}`);
      return i % 2 === 0
        ? on.byId(object, `E${key}`, { name: `N${key}` })
        : on.byName(object, `N${key}`, { external_id: `E${key}` });
    };
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => step(i)));
    // A delete may find that another was quicker.
    for (const { status } of answers) expect([200, 204, 404]).toContain(status);
    expect(answers.filter(({ status }, i) => status === 404 && i % 10 !== 9)).toEqual([]);
    const left = (await on.recordsOf(object)).map(
      (record) => `${String(record["external_id"])} ${String(record["name"])}`,
    );
    expect(new Set(left).size).toBe(left.length);
    expect(left.every((each) => /^E(\d) N\1$/.test(each))).toBe(true);
  });

  test("28: a deleted external_id is free again, for a record with an id of its own", async () => {
    const object = await on.unique();
    await on.byId(object, "E1", { name: "One", custom_object_fields: { note: "old" } }).expect(200);
    const [before] = await on.recordsOf(object);
    await api.delete(`custom_objects/${object}/records?external_id=E1`).expect(204);
    await api.delete(`custom_objects/${object}/records?external_id=E1`).expect(404);
    await on.byId(object, "E1", { name: "One" }).expect(200);
    const [after] = await on.recordsOf(object);
    expect(after?.["id"]).not.toBe(before?.["id"]);
    expect(after).toMatchObject({ custom_object_fields: { note: null } });
  });

  test("29: a record of 32,768 bytes is kept and one of 32,769 is not, be it sent so or grown so", async () => {
    const object = await objectWith(store.app, { fields: [{ key: "a" }, { key: "b" }] });
    const tooLarge = invalid({ base: [{ description: "Record: exceeds 32 KB", error: "TooLong" }] });
    const record = (bytes: number) => {
      const empty = Buffer.byteLength(JSON.stringify({ name: "One", custom_object_fields: { a: "é" } }));
      return { name: "One", custom_object_fields: { a: `é${"x".repeat(bytes - empty)}` } };
    };
    expect((await on.byId(object, "E1", record(32_769)).expect(422)).body).toEqual(tooLarge);
    await on.byId(object, "E1", record(32_768)).expect(200);
    const grow = (bytes: number) => on.byId(object, "E1", { custom_object_fields: { b: "y".repeat(bytes) } });
    expect((await grow(40).expect(422)).body).toEqual(tooLarge);
    await grow(5).expect(200);
  });

  test("30: a full account takes no new record and still changes those that it has", async () => {
    const full = await storeUnderTest({ clock, account: { ...OWN_ACCOUNT, records: 1 } });
    try {
      const object = await objectWith(full.app, { fields: FIELDS });
      const upsert = (id: string) =>
        client(full.app).patch(`custom_objects/${object}/records?external_id=${id}`, {
          custom_object_record: { name: id },
        });
      await upsert("E1").expect(200);
      const { body } = await upsert("E2").expect(422);
      expect(body).toEqual(
        invalid({ base: [{ description: "Record: the limit of records has been reached", error: "InvalidValue" }] }),
      );
      await upsert("E1").expect(200);
      await client(full.app).delete(`custom_objects/${object}/records?external_id=E1`).expect(204);
      clock.advance(1_000);
      await upsert("E2").expect(200);
    } finally {
      await full.close();
    }
  });

  test("31: read-only members are ignored", async () => {
    const object = await on.plain();
    const noise = {
      id: "X",
      url: "http://x",
      custom_object_key: "",
      created_at: "0001-01-01T00:00:00Z",
      updated_at: 5,
    };
    await on.byId(object, "E1", { name: "One", ...noise }).expect(200);
    expect(await on.recordsOf(object)).toMatchObject([{ name: "One", custom_object_key: object }]);
  });

  test("32: a lookup is resolved by id, external_id and name, and a missing target is refused under its field", async () => {
    const target = await on.unique();
    await on.byId(target, "T:1", { name: "Target" }).expect(200);
    const id = String((await on.recordsOf(target))[0]?.["id"]);
    const object = await objectWith(store.app, {
      fields: [
        { key: "car", type: "lookup", relationship_target_type: `zen:custom_object:${target}` },
        { key: "user", type: "lookup", relationship_target_type: "zen:user" },
      ],
    });
    for (const car of [id, "external_id:T:1", "name:Target"]) {
      await on.byId(object, "E1", { name: "One", custom_object_fields: { car: null } }).expect(200);
      const { body } = await on.byId(object, "E1", { custom_object_fields: { car, user: 10012345 } }).expect(200);
      expect(body).toMatchObject({ custom_object_record: { custom_object_fields: { car: id, user: "10012345" } } });
    }
    for (const car of ["external_id:nope", "name:nope", "01ARZ3NDEKTSV4RRFFQ69G5FAV"]) {
      expect((await on.byId(object, "E1", { custom_object_fields: { car } }).expect(422)).body).toEqual(
        invalid({ car: [{ description: "CAR: is invalid", error: "InvalidValue" }] }),
      );
    }
    await on.byId(object, "E1", { custom_object_fields: { user: "external_id:u" } }).expect(422);
  });
});

test("a required field is needed to create, can't be cleared, and may be left out of an update", async () => {
  const object = await objectWith(store.app, { fields: [{ key: "must", required: true }] });
  const required = invalid({ must: [{ description: "MUST: is required", error: "BlankValue" }] });
  expect((await on.byId(object, "E1", { name: "One" }).expect(422)).body).toEqual(required);
  await on.byId(object, "E1", { name: "One", custom_object_fields: { must: "x" } }).expect(200);
  await on.byId(object, "E1", { name: "Two" }).expect(200);
  expect((await on.byId(object, "E1", { custom_object_fields: { must: null } }).expect(422)).body).toEqual(required);
});
