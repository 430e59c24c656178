import { customObject, customObjectField } from "@sluice/zendesk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, invalid, objectWith, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

let store: StoreUnderTest;
let api: ReturnType<typeof client>;
beforeAll(async () => {
  store = await storeUnderTest();
  api = client(store.app);
});
afterAll(() => store.close());

const complaint = (key: string, description: string, error: string) => invalid({ [key]: [{ description, error }] });
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what a test takes a body for
const at = <T>(body: unknown, ...path: string[]): T =>
  path.reduce<unknown>((value, member) => (value as Record<string, unknown>)[member], body) as T;

describe("custom objects", () => {
  test("are created, listed, shown, changed and deleted", async () => {
    const sent = { key: "shipment", title: "Shipment", title_pluralized: "Shipments", include_in_list_view: true };
    const created = await api.post("custom_objects", { custom_object: sent }).expect(201);
    const object = customObject.strict().parse(at(created.body, "custom_object"));
    expect(object).toMatchObject({ ...sent, raw_title: "Shipment", description: "", created_by_user_id: "1001" });
    expect(object.url).toBe("http://records.test/api/v2/custom_objects/shipment.json");
    expect((await api.get("custom_objects/shipment").expect(200)).body).toEqual({ custom_object: object });
    const listed = await api.get("custom_objects").expect(200);
    expect(at(listed.body, "custom_objects")).toContainEqual(object);
    const patch = { custom_object: { title: "Parcel", key: "ignored", description: "d" } };
    const changed = await api.patch("custom_objects/shipment", patch).expect(200);
    expect(changed.body).toMatchObject({ custom_object: { key: "shipment", title: "Parcel", description: "d" } });
    await api.delete("custom_objects/shipment").expect(204);
    await api.get("custom_objects/shipment").expect(404);
    await api.post("custom_objects", { custom_object: sent }).expect(201);
  });

  test.each([
    [{ title: "A", title_pluralized: "As" }, "key", "Key: cannot be blank", "BlankValue"],
    [{ key: "123", title: "A", title_pluralized: "As" }, "key", "Key: is invalid", "InvalidValue"],
    [{ key: "limits", title: "A", title_pluralized: "As" }, "key", "Key: is invalid", "InvalidValue"],
    [{ key: "ok", title: " ", title_pluralized: "As" }, "title", "Title: cannot be blank", "BlankValue"],
    [{ key: "ok", title: "A" }, "title_pluralized", "Title pluralized: cannot be blank", "BlankValue"],
    [{ key: "ok", title: "A".repeat(256), title_pluralized: "As" }, "title", "Title: is too long", "TooLong"],
  ])("%j is refused under %s", async (custom_object, key, description, error) => {
    expect((await api.post("custom_objects", { custom_object }).expect(422)).body).toEqual(
      complaint(key, description, error),
    );
  });

  test("a key is taken, by other case too it is another, and a deleted object with records keeps its own", async () => {
    const object = await objectWith(store.app);
    const again = (key: string) =>
      api.post("custom_objects", { custom_object: { key, title: "A", title_pluralized: "As" } });
    const taken = complaint("key", "Key: has already been taken", "DuplicateValue");
    expect((await again(object).expect(422)).body).toEqual(taken);
    await again(object.toUpperCase()).expect(201);
    await api.post(`custom_objects/${object}/records`, { custom_object_record: { name: "One" } }).expect(201);
    await api.delete(`custom_objects/${object}`).expect(204);
    await api.get(`custom_objects/${object}/records`).expect(404);
    expect((await again(object).expect(422)).body).toEqual(taken);
  });
});

describe("fields", () => {
  test("of every type are created and come back whole", async () => {
    const object = await objectWith(store.app);
    const create = async (field: object) => {
      const { body } = await api
        .post(`custom_objects/${object}/fields`, { custom_object_field: { title: "T", ...field } })
        .expect(201);
      return customObjectField.strict().parse(at(body, "custom_object_field"));
    };
    expect(await create({ key: "plain" })).toMatchObject({ type: "text", active: true, system: false, position: 2 });
    for (const type of ["textarea", "date", "integer", "decimal"])
      expect(await create({ key: type, type })).toMatchObject({ type });
    expect(await create({ key: "check", type: "checkbox", tag: "yes" })).toMatchObject({ tag: "yes" });
    expect(await create({ key: "pattern", type: "regexp", regexp_for_validation: "^a" })).toMatchObject({
      regexp_for_validation: "^a",
    });
    const target = "zen:custom_object:other";
    expect(await create({ key: "look", type: "lookup", relationship_target_type: target })).toMatchObject({
      relationship_target_type: target,
      relationship_filter: {},
    });
    const options = [
      { name: "One", value: "1" },
      { name: "Two", value: "2" },
    ];
    const dropdown = await create({ key: "drop", type: "dropdown", custom_field_options: options });
    expect(dropdown.custom_field_options).toMatchObject([
      { ...options[0], raw_name: "One", position: 0 },
      { ...options[1], position: 1 },
    ]);
    const { body } = await api.get(`custom_objects/${object}/fields`).expect(200);
    expect(at<unknown[]>(body, "custom_object_fields")).toHaveLength(9);
    for (const by of ["drop", String(dropdown.id)]) {
      expect((await api.get(`custom_objects/${object}/fields/${by}.json`).expect(200)).body).toEqual({
        custom_object_field: dropdown,
      });
    }
  });

  test.each([
    [{ key: "a b" }, "key", "Key: is invalid", "InvalidValue"],
    [{ key: "12" }, "key", "Key: is invalid", "InvalidValue"],
    [{ key: "taken" }, "key", "Key: has already been taken", "DuplicateValue"],
    [{ key: "x", title: "" }, "title", "Title: cannot be blank", "BlankValue"],
    [{ key: "x", type: "currency" }, "type", "Type: is invalid", "InvalidValue"],
    [{ key: "x", type: "regexp" }, "regexp_for_validation", "Regexp for validation: cannot be blank", "BlankValue"],
    [
      { key: "x", type: "regexp", regexp_for_validation: "(" },
      "regexp_for_validation",
      "Regexp for validation: is invalid",
      "InvalidValue",
    ],
    [
      { key: "x", type: "lookup" },
      "relationship_target_type",
      "Relationship target type: cannot be blank",
      "BlankValue",
    ],
  ])("%j is refused under %s", async (field, key, description, error) => {
    const object = await objectWith(store.app, { fields: [{ key: "taken" }] });
    const request = api.post(`custom_objects/${object}/fields`, { custom_object_field: { title: "T", ...field } });
    expect((await request.expect(422)).body).toEqual(complaint(key, description, error));
  });

  test("an object takes a hundred fields and not one more", async () => {
    const fields = Array.from({ length: 100 }, (_, i) => ({ key: `f${i}` }));
    const object = await objectWith(store.app, { fields });
    await api.post(`custom_objects/${object}/fields`, { custom_object_field: { key: "x", title: "X" } }).expect(422);
  });

  test("standard fields are listed on request, found by key, and neither deleted nor deactivated", async () => {
    const object = await objectWith(store.app, { fields: [{ key: "a" }] });
    const listed = await api.get(`custom_objects/${object}/fields?include_standard_fields=true`).expect(200);
    const keys = at<{ key: string }[]>(listed.body, "custom_object_fields").map(({ key }) => key);
    expect(keys).toEqual(["standard::name", "standard::external_id", "a"]);
    await api.get(`custom_objects/${object}/fields/standard::external_id`).expect(200);
    await api.delete(`custom_objects/${object}/fields/standard::name`).expect(422);
    const off = { custom_object_field: { active: false } };
    await api.patch(`custom_objects/${object}/fields/standard::name`, off).expect(422);
  });

  test("the name's properties exclude each other, and are frozen once there is a record", async () => {
    const object = await objectWith(store.app);
    const set = (properties: object, method: "patch" | "put" = "patch") =>
      api[method](`custom_objects/${object}/fields/standard::name`, { custom_object_field: { properties } });
    await set({ is_unique: true, autoincrement_enabled: true }).expect(422);
    await set({ autoincrement_padding: 10 }).expect(422);
    await set({ autoincrement_next_sequence: 0 }).expect(422);
    const { body } = await set({ is_unique: true, autoincrement_enabled: false }, "put").expect(200);
    expect(at(body, "custom_object_field", "properties")).toEqual({
      is_unique: true,
      autoincrement_enabled: false,
      autoincrement_prefix: "",
      autoincrement_padding: 0,
      autoincrement_next_sequence: 1,
    });
    await api.post(`custom_objects/${object}/records`, { custom_object_record: { name: "One" } }).expect(201);
    await set({ is_unique: false }).expect(422);
    await set({ is_unique: true }).expect(200);
  });

  test("key, type and target can be sent again but not changed", async () => {
    const object = await objectWith(store.app, { fields: [{ key: "a" }] });
    const change = (custom_object_field: object) =>
      api.patch(`custom_objects/${object}/fields/a`, { custom_object_field });
    await change({ key: "a", type: "text", title: "New" }).expect(200);
    expect((await change({ type: "date" }).expect(422)).body).toEqual(
      complaint("type", "Type: cannot be changed", "InvalidValue"),
    );
  });

  test("an option that is left out vanishes from the records, and one that stays keeps its id", async () => {
    const option = (value: string) => ({ name: value, value });
    const object = await objectWith(store.app, {
      fields: [
        { key: "one", type: "dropdown", custom_field_options: [option("a"), option("b")] },
        { key: "many", type: "multiselect", custom_field_options: [option("a"), option("b")] },
      ],
    });
    const before = await api.get(`custom_objects/${object}/fields/one`).expect(200);
    const fields = { one: "a", many: ["a", "b"] };
    const path = `custom_objects/${object}/records?external_id=E1`;
    await api.patch(path, { custom_object_record: { name: "One", custom_object_fields: fields } }).expect(200);
    for (const key of ["one", "many"]) {
      const custom_field_options = [{ id: "null", ...option("c") }, option("b")];
      await api
        .patch(`custom_objects/${object}/fields/${key}`, { custom_object_field: { custom_field_options } })
        .expect(200);
    }
    const after = await api.get(`custom_objects/${object}/fields/one`).expect(200);
    const idOf = (body: unknown) =>
      at<{ id: number; value: string }[]>(body, "custom_object_field", "custom_field_options").find(
        ({ value }) => value === "b",
      )?.id;
    expect(idOf(after.body)).toBe(idOf(before.body));
    const { body } = await api.get(`custom_objects/${object}/records`).expect(200);
    expect(at(body, "custom_object_records", "0", "custom_object_fields")).toEqual({ one: null, many: ["b"] });
    await api.patch(path, { custom_object_record: { custom_object_fields: { one: "a" } } }).expect(422);
    await api.patch(path, { custom_object_record: { custom_object_fields: { one: "c" } } }).expect(200);
  });

  test("a deleted field takes its values along: a later one of the same key starts empty", async () => {
    const object = await objectWith(store.app, { fields: [{ key: "a" }] });
    const record = { name: "One", custom_object_fields: { a: "text" } };
    await api.post(`custom_objects/${object}/records`, { custom_object_record: record }).expect(201);
    await api.delete(`custom_objects/${object}/fields/a`).expect(204);
    const field = { key: "a", title: "A", type: "integer" };
    await api.post(`custom_objects/${object}/fields`, { custom_object_field: field }).expect(201);
    const { body } = await api.get(`custom_objects/${object}/records`).expect(200);
    expect(at(body, "custom_object_records", "0", "custom_object_fields")).toEqual({ a: null });
  });

  test("a definition that another process changed counts at once, for writes and for reads", async () => {
    const other = client(await store.another());
    const object = await objectWith(store.app, { fields: [{ key: "a" }] });
    const path = `custom_objects/${object}/records?external_id=E1`;
    const write = (fields: object) =>
      other.patch(path, { custom_object_record: { name: "One", custom_object_fields: fields } });
    await write({ a: "x" }).expect(200);
    await api.post(`custom_objects/${object}/fields`, { custom_object_field: { key: "b", title: "B" } }).expect(201);
    // The field `b` must not be taken for one that the object does not have, and so left out.
    await write({ b: "z" }).expect(200);
    await api.post(`custom_objects/${object}/fields`, { custom_object_field: { key: "c", title: "C" } }).expect(201);
    const { body } = await other.get(`custom_objects/${object}/records`).expect(200);
    expect(at(body, "custom_object_records", "0", "custom_object_fields")).toEqual({ a: "x", b: "z", c: null });
    await api.delete(`custom_objects/${object}/fields/a`).expect(204);
    await write({ a: "x" }).set("Prefer", "handling=strict").expect(422);
    await write({ b: "y" }).expect(200);
    await api.delete(`custom_objects/${object}`).expect(204);
    await write({ b: "y" }).expect(404);
  });
});

test("names that become unique while records are being written are unique", async () => {
  const other = client(await store.another());
  for (let round = 0; round < 5; round += 1) {
    const object = await objectWith(store.app);
    const write = (i: number) =>
      (i % 2 === 0 ? api : other).post(`custom_objects/${object}/records`, { custom_object_record: { name: "same" } });
    const before = Array.from({ length: round }, (_, i) => write(i).then(({ status }) => status));
    const properties = { is_unique: true };
    const turned = other
      .patch(`custom_objects/${object}/fields/standard::name`, { custom_object_field: { properties } })
      .then(({ status }) => status);
    const after = Array.from({ length: 8 }, (_, i) => write(i).then(({ status }) => status));
    const statuses = await Promise.all([...before, ...after]);
    const written = statuses.filter((status) => status === 201).length;
    // Either the switch came first, or it was refused because there were records.
    expect([await turned, written]).toEqual((await turned) === 200 ? [200, 1] : [422, round + 8]);
  }
});

test("a field that was added a moment ago can be written at once, also where another process added it", async () => {
  const object = await objectWith(store.app);
  const record = (key: string) => ({ custom_object_record: { name: "One", custom_object_fields: { [key]: "x" } } });
  const path = `custom_objects/${object}/records?external_id=E1`;
  await api.patch(path, { custom_object_record: { name: "One" } }).expect(200);
  const others = client(await store.another());
  for (const [key, who] of [
    ["own", api],
    ["others", others],
  ] as const) {
    const field = { custom_object_field: { key, title: "F" } };
    await who.post(`custom_objects/${object}/fields`, field).expect(201);
    await api.patch(path, record(key)).expect(200);
  }
  await others.delete(`custom_objects/${object}`).expect(204);
  await api.patch(path, record("nope")).expect(404);
});
