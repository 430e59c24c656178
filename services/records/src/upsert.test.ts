import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, invalid, objectWith, steppingClock, storeUnderTest, type StoreUnderTest } from "./under-test.ts";

const clock = steppingClock();
let store: StoreUnderTest;
let api: ReturnType<typeof client>;
beforeAll(async () => {
  store = await storeUnderTest({ clock });
  api = client(store.app);
});
afterAll(() => store.close());

const BLANK_NAME = invalid({ base: [{ description: "Name: cannot be blank", error: "BlankValue" }] });
const TAKEN_NAME = invalid({
  base: [{ description: "Name already exists. Try another one.", error: "DuplicateValue" }],
});

const FIELDS = [
  {
    key: "tier",
    type: "dropdown",
    custom_field_options: [
      { name: "Gold", value: "gold" },
      { name: "Tin", value: "tin" },
    ],
  },
  { key: "note", type: "text" },
];

type Sent = { name?: string | null; external_id?: unknown; custom_object_fields?: object; [more: string]: unknown };

const byId = (object: string, id: string, record: Sent) =>
  api.patch(`custom_objects/${object}/records?external_id=${encodeURIComponent(id)}`, { custom_object_record: record });
const byName = (object: string, name: string, record: Sent) =>
  api.patch(`custom_objects/${object}/records?name=${encodeURIComponent(name)}`, { custom_object_record: record });
const recordsOf = async (object: string): Promise<Record<string, unknown>[]> => {
  const { body } = await api.get(`custom_objects/${object}/records`).expect(200);
  return (body as { custom_object_records: Record<string, unknown>[] }).custom_object_records;
};
const plain = () => objectWith(store.app, { fields: FIELDS });
const unique = () => objectWith(store.app, { fields: FIELDS, name: { is_unique: true } });
const numbered = () =>
  objectWith(store.app, {
    fields: FIELDS,
    name: {
      autoincrement_enabled: true,
      autoincrement_prefix: "PFX",
      autoincrement_padding: 4,
      autoincrement_next_sequence: 7,
    },
  });

describe("the upsert, row by row", () => {
  test("1: an unknown external_id creates the record, with 200 and never 201", async () => {
    const object = await plain();
    const { body, headers } = await byId(object, "E1", { name: "One", custom_object_fields: { tier: "gold" } }).expect(
      200,
    );
    expect(headers["retry-after"]).toBeUndefined();
    const [record] = await recordsOf(object);
    expect(record).toMatchObject({
      external_id: "E1",
      name: "One",
      custom_object_fields: { tier: "gold", note: null },
    });
    expect(body).toEqual({ custom_object_record: record });
  });

  test("2: a known one changes only what was sent; updated_at moves and created_at does not", async () => {
    const object = await plain();
    await byId(object, "E1", { name: "One", custom_object_fields: { tier: "gold", note: "kept" } });
    const [before] = await recordsOf(object);
    clock.advance(5_000);
    await byId(object, "E1", { custom_object_fields: { tier: "tin" } }).expect(200);
    const [after, ...more] = await recordsOf(object);
    expect(more).toEqual([]);
    expect(after).toMatchObject({
      id: before?.["id"],
      name: "One",
      custom_object_fields: { tier: "tin", note: "kept" },
    });
    expect(after?.["created_at"]).toBe(before?.["created_at"]);
    expect(Date.parse(String(after?.["updated_at"])) - Date.parse(String(before?.["updated_at"]))).toBe(5_000);
  });

  test("3: a header tells created from updated", async () => {
    const object = await plain();
    expect((await byId(object, "E1", { name: "One" })).headers["x-sluice-upsert"]).toBe("created");
    expect((await byId(object, "E1", { name: "One" })).headers["x-sluice-upsert"]).toBe("updated");
    expect((await byId(object, "E1", {})).headers["x-sluice-upsert"]).toBe("updated");
  });

  test("4: an upsert sets no Location, a POST does", async () => {
    const object = await plain();
    expect((await byId(object, "E1", { name: "One" })).headers["location"]).toBeUndefined();
    const posted = await api
      .post(`custom_objects/${object}/records`, { custom_object_record: { name: "Two" } })
      .expect(201);
    const { url } = (posted.body as { custom_object_record: { url: string } }).custom_object_record;
    expect(posted.headers["location"]).toBe(url);
  });

  test.each(["external_id=a&name=b", "external_id=a&name=", "", "external_id=", "name="])(
    "5 and 6: the identity %j is refused with 400",
    async (query) => {
      const object = await unique();
      const path = `custom_objects/${object}/records?${query}`;
      for (const request of [api.patch(path, { custom_object_record: { name: "x" } }), api.delete(path)]) {
        const { body } = await request.expect(400);
        expect(body).toMatchObject({ error: "InvalidParameters" });
      }
    },
  );

  test("7: without a name an external_id can't create", async () => {
    const object = await plain();
    for (const record of [{}, { custom_object_fields: { note: "x" } }, { name: "  " }, { name: null }]) {
      expect((await byId(object, "E1", record).expect(422)).body).toEqual(BLANK_NAME);
    }
    expect(await recordsOf(object)).toEqual([]);
  });

  test("8: by name, the name comes from the query", async () => {
    const object = await unique();
    await byName(object, "Ünï & Co", { custom_object_fields: { tier: "gold" } }).expect(200);
    await byName(object, "Ünï & Co", { external_id: "E1", custom_object_fields: { note: "n" } }).expect(200);
    expect(await recordsOf(object)).toMatchObject([
      { name: "Ünï & Co", external_id: "E1", custom_object_fields: { tier: "gold", note: "n" } },
    ]);
  });

  test("9: the external_id comes from the query when the body omits it or says null", async () => {
    const object = await plain();
    await byId(object, "E1", { name: "One" }).expect(200);
    await byId(object, "E2", { name: "Two", external_id: null }).expect(200);
    await byId(object, "E2", { external_id: null }).expect(200);
    expect((await recordsOf(object)).map((record) => record["external_id"])).toEqual(["E1", "E2"]);
  });

  test("10: the same external_id in both places is fine", async () => {
    const object = await plain();
    await byId(object, "E1", { name: "One", external_id: "E1" }).expect(200);
    await byId(object, "E1", { external_id: "E1" }).expect(200);
    expect(await recordsOf(object)).toHaveLength(1);
  });

  test("11: another external_id in the body renames a record that is there, and is refused where none is", async () => {
    const object = await plain();
    const { body } = await byId(object, "E1", { name: "One", external_id: "E2" }).expect(422);
    expect(body).toEqual(
      invalid({
        base: [{ description: "External ID: does not match the external_id in the query", error: "InvalidValue" }],
      }),
    );
    await byId(object, "E1", { name: "One" }).expect(200);
    await byId(object, "E1", { external_id: "E2" }).expect(200);
    expect(await recordsOf(object)).toMatchObject([{ external_id: "E2" }]);
    await byId(object, "E3", { name: "Three" }).expect(200);
    expect((await byId(object, "E3", { external_id: "E2" }).expect(422)).body).toEqual(
      invalid({ base: [{ description: "External ID: has already been taken", error: "DuplicateValue" }] }),
    );
  });

  test("12: another name in the body renames, unless it is taken", async () => {
    const object = await unique();
    await byName(object, "One", {}).expect(200);
    await byName(object, "One", { name: "Uno" }).expect(200);
    await byName(object, "Two", {}).expect(200);
    expect((await byName(object, "Two", { name: "Uno" }).expect(422)).body).toEqual(TAKEN_NAME);
    await byName(object, "Nobody", { name: "Other" }).expect(422);
    expect((await recordsOf(object)).map((record) => record["name"])).toEqual(["Uno", "Two"]);
  });

  test("13: by name needs unique names", async () => {
    const object = await plain();
    const { body } = await byName(object, "One", {}).expect(422);
    expect(body).toEqual(
      invalid({ base: [{ description: "Name: uniqueness is not enabled for this object", error: "InvalidValue" }] }),
    );
    await api.delete(`custom_objects/${object}/records?name=One`).expect(422);
  });

  test("14: a numbered name can't be sent, but a null is tolerated", async () => {
    const object = await numbered();
    const { body } = await byId(object, "E1", { name: "Mine" }).expect(422);
    expect(body).toEqual(
      invalid({ base: [{ description: "Name: cannot be set when autonumbering is enabled", error: "InvalidValue" }] }),
    );
    await byId(object, "E1", { name: null }).expect(200);
  });

  test("15: a numbered name is made on creation and kept on update; numbers longer than the padding grow", async () => {
    const object = await numbered();
    await byId(object, "E1", {}).expect(200);
    await byId(object, "E1", { custom_object_fields: { note: "x" } }).expect(200);
    await byId(object, "E2", {}).expect(200);
    await api.post(`custom_objects/${object}/records`, { custom_object_record: {} }).expect(201);
    expect((await recordsOf(object)).map((record) => record["name"])).toEqual(["PFX0007", "PFX0008", "PFX0009"]);
    const grown = await objectWith(store.app, {
      name: { autoincrement_enabled: true, autoincrement_padding: 2, autoincrement_next_sequence: 1234 },
    });
    await byId(grown, "E1", {}).expect(200);
    expect(await recordsOf(grown)).toMatchObject([{ name: "1234" }]);
  });

  test("16: a unique name that another record has is refused in the vendor's own words", async () => {
    const object = await unique();
    await byId(object, "E1", { name: "One" }).expect(200);
    expect((await byId(object, "E2", { name: "One" }).expect(422)).body).toEqual(TAKEN_NAME);
    await byId(object, "E2", { name: "Two" }).expect(200);
    expect((await byId(object, "E2", { name: "One" }).expect(422)).body).toEqual(TAKEN_NAME);
    await byId(object, "E1", { name: "One" }).expect(200);
  });

  test("17: an unknown object is 404 RecordNotFound, whatever the body", async () => {
    for (const body of [{ custom_object_record: { name: "x" } }, "nonsense"]) {
      const answer = await api.patch("custom_objects/nothing/records?external_id=E1", body).expect(404);
      expect(answer.body).toEqual({ error: "RecordNotFound", description: "Not found" });
    }
  });

  test("18: an unknown field is refused, unless the quirk leaves it out", async () => {
    const object = await plain();
    const record = { name: "One", custom_object_fields: { nope: 1, note: "n" } };
    expect((await byId(object, "E1", record).expect(422)).body).toEqual(
      invalid({ base: [{ description: "nope: is not a field of this object", error: "InvalidValue" }] }),
    );
    const lax = client(await store.another({ quirks: { ignoreUnknownFields: true } }));
    const path = `custom_objects/${object}/records?external_id=E1`;
    const { body } = await lax.patch(path, { custom_object_record: record }).expect(200);
    expect(body).toMatchObject({ custom_object_record: { custom_object_fields: { note: "n", tier: null } } });
  });

  test("19: a value that does not fit is refused under its field", async () => {
    const object = await plain();
    const { body } = await byId(object, "E1", { name: "One", custom_object_fields: { tier: "brass", note: 5 } }).expect(
      422,
    );
    expect(body).toEqual(
      invalid({
        tier: [{ description: "TIER: is invalid", error: "InvalidValue" }],
        note: [{ description: "NOTE: is invalid", error: "InvalidValue" }],
      }),
    );
  });

  test("20: a missing envelope is 400; an empty one changes nothing on a match and lacks a name otherwise", async () => {
    const object = await plain();
    const path = `custom_objects/${object}/records?external_id=E1`;
    for (const body of [
      {},
      { record: {} },
      { custom_object_record: null },
      { custom_object_record: [] },
      "[]",
      "null",
    ]) {
      await api.patch(path, body).expect(400);
    }
    await api.patch(path).expect(400);
    expect((await api.patch(path, { custom_object_record: {} }).expect(422)).body).toEqual(BLANK_NAME);
    await byId(object, "E1", { name: "One", custom_object_fields: { note: "n" } }).expect(200);
    const [before] = await recordsOf(object);
    const { body } = await api.patch(path, { custom_object_record: {} }).expect(200);
    expect(body).toEqual({ custom_object_record: { ...before, updated_at: expect.any(String) as unknown } });
  });

  test("21 and 22: external_ids and names are compared byte by byte, and not trimmed", async () => {
    const object = await unique();
    for (const id of ["a", "A", " a", "a ", "ä", "a\u0308"]) await byId(object, id, { name: `name ${id}` }).expect(200);
    expect(await recordsOf(object)).toHaveLength(6);
    for (const name of ["b", "B", " b"]) await byName(object, name, {}).expect(200);
    expect(await recordsOf(object)).toHaveLength(9);
  });

  test("23: external_id and name may have 255 characters and not one more", async () => {
    const object = await unique();
    const longest = "😀".repeat(255);
    await byId(object, longest, { name: longest }).expect(200);
    const tooLong = (what: string) =>
      invalid({ base: [{ description: `${what}: is longer than 255 characters`, error: "TooLong" }] });
    expect((await byId(object, `${longest}x`, { name: "n" }).expect(422)).body).toEqual(tooLong("External ID"));
    expect((await byId(object, "E", { name: `${longest}x` }).expect(422)).body).toEqual(tooLong("Name"));
    expect((await byName(object, `${longest}x`, {}).expect(422)).body).toEqual(tooLong("Name"));
  });

  test.each(["a b", "a/b", "part#1", "a&b=c", "a+b", "🚢", "a,b", "100%", "x.json", "ends?.json", "' or 1=1 --", '"'])(
    "24: the external_id %j is kept as it is",
    async (id) => {
      const object = await plain();
      await byId(object, id, { name: "One" }).expect(200);
      await byId(object, id, { name: "Two" }).expect(200);
      expect(await recordsOf(object)).toMatchObject([{ external_id: id, name: "Two" }]);
    },
  );

  test("24: a plus in the query is a space, and text that can't be kept is refused", async () => {
    const object = await plain();
    await api.patch(`custom_objects/${object}/records.json?external_id=X+1%2F%C3%A4`, {
      custom_object_record: { name: "One" },
    });
    expect(await recordsOf(object)).toMatchObject([{ external_id: "X 1/ä" }]);
    await byId(object, "a\0b", { name: "One" }).expect(422);
    await byId(object, "E2", { name: "a\0b" }).expect(422);
  });

  test("25: a number as external_id is its text", async () => {
    const object = await plain();
    await byId(object, "17", { name: "One", external_id: 17 }).expect(200);
    expect(await recordsOf(object)).toMatchObject([{ external_id: "17" }]);
  });

  test("26: a photo is refused, null is not", async () => {
    const object = await plain();
    await byId(object, "E1", { name: "One", photo: { id: 1 } }).expect(422);
    await byId(object, "E1", { name: "One", photo: null }).expect(200);
  });

  test("27: fifty upserts of one new key at once make one record, and all answer 200", async () => {
    const object = await unique();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        byId(object, "E1", { name: "One", custom_object_fields: { note: `n${i}` } }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.filter(({ headers }) => headers["x-sluice-upsert"] === "created")).toHaveLength(1);
    expect(await recordsOf(object)).toHaveLength(1);
    const named = await Promise.all(Array.from({ length: 50 }, () => byName(object, "Two", {})));
    expect(new Set(named.map(({ status }) => status))).toEqual(new Set([200]));
    const counted = await numbered();
    const made = await Promise.all(Array.from({ length: 20 }, () => byId(counted, "E1", {})));
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await recordsOf(object)).toHaveLength(2);
    expect(await recordsOf(counted)).toHaveLength(1);
  });

  test("27: writers that name one record by its name, by its external_id, and delete it, never make two of it", async () => {
    const object = await unique();
    const step = (i: number) => {
      const key = i % 3;
      if (i % 10 === 9) return api.delete(`custom_objects/${object}/records?external_id=E${key}`);
      return i % 2 === 0
        ? byId(object, `E${key}`, { name: `N${key}` })
        : byName(object, `N${key}`, { external_id: `E${key}` });
    };
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => step(i)));
    // A delete may find that another was quicker.
    for (const { status } of answers) expect([200, 204, 404]).toContain(status);
    expect(answers.filter(({ status }, i) => status === 404 && i % 10 !== 9)).toEqual([]);
    const left = (await recordsOf(object)).map(
      (record) => `${String(record["external_id"])} ${String(record["name"])}`,
    );
    expect(new Set(left).size).toBe(left.length);
    expect(left.every((each) => /^E(\d) N\1$/.test(each))).toBe(true);
  });

  test("28: a deleted external_id is free again, for a record with an id of its own", async () => {
    const object = await unique();
    await byId(object, "E1", { name: "One", custom_object_fields: { note: "old" } }).expect(200);
    const [before] = await recordsOf(object);
    await api.delete(`custom_objects/${object}/records?external_id=E1`).expect(204);
    await api.delete(`custom_objects/${object}/records?external_id=E1`).expect(404);
    await byId(object, "E1", { name: "One" }).expect(200);
    const [after] = await recordsOf(object);
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
    expect((await byId(object, "E1", record(32_769)).expect(422)).body).toEqual(tooLarge);
    await byId(object, "E1", record(32_768)).expect(200);
    const grow = (bytes: number) => byId(object, "E1", { custom_object_fields: { b: "y".repeat(bytes) } });
    expect((await grow(40).expect(422)).body).toEqual(tooLarge);
    await grow(5).expect(200);
  });

  test("30: a full account takes no new record and still changes those that it has", async () => {
    const full = await storeUnderTest({ clock, recordLimit: 1 });
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
    const object = await plain();
    const noise = {
      id: "X",
      url: "http://x",
      custom_object_key: "",
      created_at: "0001-01-01T00:00:00Z",
      updated_at: 5,
    };
    await byId(object, "E1", { name: "One", ...noise }).expect(200);
    expect(await recordsOf(object)).toMatchObject([{ name: "One", custom_object_key: object }]);
  });

  test("32: a lookup is resolved by id, external_id and name, and a missing target is refused under its field", async () => {
    const target = await unique();
    await byId(target, "T:1", { name: "Target" }).expect(200);
    const id = String((await recordsOf(target))[0]?.["id"]);
    const object = await objectWith(store.app, {
      fields: [
        { key: "car", type: "lookup", relationship_target_type: `zen:custom_object:${target}` },
        { key: "user", type: "lookup", relationship_target_type: "zen:user" },
      ],
    });
    for (const car of [id, "external_id:T:1", "name:Target"]) {
      await byId(object, "E1", { name: "One", custom_object_fields: { car: null } }).expect(200);
      const { body } = await byId(object, "E1", { custom_object_fields: { car, user: 10012345 } }).expect(200);
      expect(body).toMatchObject({ custom_object_record: { custom_object_fields: { car: id, user: "10012345" } } });
    }
    for (const car of ["external_id:nope", "name:nope", "01ARZ3NDEKTSV4RRFFQ69G5FAV"]) {
      expect((await byId(object, "E1", { custom_object_fields: { car } }).expect(422)).body).toEqual(
        invalid({ car: [{ description: "CAR: is invalid", error: "InvalidValue" }] }),
      );
    }
    await byId(object, "E1", { custom_object_fields: { user: "external_id:u" } }).expect(422);
  });
});

test("a required field is needed to create, can't be cleared, and may be left out of an update", async () => {
  const object = await objectWith(store.app, { fields: [{ key: "must", required: true }] });
  const required = invalid({ must: [{ description: "MUST: is required", error: "BlankValue" }] });
  expect((await byId(object, "E1", { name: "One" }).expect(422)).body).toEqual(required);
  await byId(object, "E1", { name: "One", custom_object_fields: { must: "x" } }).expect(200);
  await byId(object, "E1", { name: "Two" }).expect(200);
  expect((await byId(object, "E1", { custom_object_fields: { must: null } }).expect(422)).body).toEqual(required);
});
