import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, invalid, objectWith, steppingClock, storeUnderTest, type StoreUnderTest } from "../under-test.ts";
import { upserting } from "./upserting.ts";

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
const TAKEN_NAME = invalid({
  base: [{ description: "Name already exists. Try another one.", error: "DuplicateValue" }],
});

describe("the upsert, rows 1 to 19", () => {
  test("1: an unknown external_id creates the record, with 200 and never 201", async () => {
    const object = await on.plain();
    const { body, headers } = await on
      .byId(object, "E1", { name: "One", custom_object_fields: { tier: "gold" } })
      .expect(200);
    expect(headers["retry-after"]).toBeUndefined();
    const [record] = await on.recordsOf(object);
    expect(record).toMatchObject({
      external_id: "E1",
      name: "One",
      custom_object_fields: { tier: "gold", note: null },
    });
    expect(body).toEqual({ custom_object_record: record });
  });

  test("2: a known one changes only what was sent; updated_at moves and created_at does not", async () => {
    const object = await on.plain();
    await on.byId(object, "E1", { name: "One", custom_object_fields: { tier: "gold", note: "kept" } });
    const [before] = await on.recordsOf(object);
    clock.advance(5_000);
    await on.byId(object, "E1", { custom_object_fields: { tier: "tin" } }).expect(200);
    const [after, ...more] = await on.recordsOf(object);
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
    const object = await on.plain();
    expect((await on.byId(object, "E1", { name: "One" })).headers["x-sluice-upsert"]).toBe("created");
    expect((await on.byId(object, "E1", { name: "One" })).headers["x-sluice-upsert"]).toBe("updated");
    expect((await on.byId(object, "E1", {})).headers["x-sluice-upsert"]).toBe("updated");
  });

  test("4: an upsert sets no Location, a POST does", async () => {
    const object = await on.plain();
    expect((await on.byId(object, "E1", { name: "One" })).headers["location"]).toBeUndefined();
    const posted = await api
      .post(`custom_objects/${object}/records`, { custom_object_record: { name: "Two" } })
      .expect(201);
    const { url } = (posted.body as { custom_object_record: { url: string } }).custom_object_record;
    expect(posted.headers["location"]).toBe(url);
  });

  test.each(["external_id=a&name=b", "external_id=a&name=", "", "external_id=", "name="])(
    "5 and 6: the identity %j is refused with 400",
    async (query) => {
      const object = await on.unique();
      const path = `custom_objects/${object}/records?${query}`;
      for (const request of [api.patch(path, { custom_object_record: { name: "x" } }), api.delete(path)]) {
        const { body } = await request.expect(400);
        expect(body).toMatchObject({ error: "InvalidParameters" });
      }
    },
  );

  test("7: without a name an external_id can't create", async () => {
    const object = await on.plain();
    for (const record of [{}, { custom_object_fields: { note: "x" } }, { name: "  " }, { name: null }]) {
      expect((await on.byId(object, "E1", record).expect(422)).body).toEqual(BLANK_NAME);
    }
    expect(await on.recordsOf(object)).toEqual([]);
  });

  test("8: by name, the name comes from the query", async () => {
    const object = await on.unique();
    await on.byName(object, "Ünï & Co", { custom_object_fields: { tier: "gold" } }).expect(200);
    await on.byName(object, "Ünï & Co", { external_id: "E1", custom_object_fields: { note: "n" } }).expect(200);
    expect(await on.recordsOf(object)).toMatchObject([
      { name: "Ünï & Co", external_id: "E1", custom_object_fields: { tier: "gold", note: "n" } },
    ]);
  });

  test("9: the external_id comes from the query when the body omits it or says null", async () => {
    const object = await on.plain();
    await on.byId(object, "E1", { name: "One" }).expect(200);
    await on.byId(object, "E2", { name: "Two", external_id: null }).expect(200);
    await on.byId(object, "E2", { external_id: null }).expect(200);
    expect((await on.recordsOf(object)).map((record) => record["external_id"])).toEqual(["E1", "E2"]);
  });

  test("10: the same external_id in both places is fine", async () => {
    const object = await on.plain();
    await on.byId(object, "E1", { name: "One", external_id: "E1" }).expect(200);
    await on.byId(object, "E1", { external_id: "E1" }).expect(200);
    expect(await on.recordsOf(object)).toHaveLength(1);
  });

  test("11: another external_id in the body renames a record that is there, and is refused where none is", async () => {
    const object = await on.plain();
    const { body } = await on.byId(object, "E1", { name: "One", external_id: "E2" }).expect(422);
    expect(body).toEqual(
      invalid({
        base: [{ description: "External ID: does not match the external_id in the query", error: "InvalidValue" }],
      }),
    );
    await on.byId(object, "E1", { name: "One" }).expect(200);
    await on.byId(object, "E1", { external_id: "E2" }).expect(200);
    expect(await on.recordsOf(object)).toMatchObject([{ external_id: "E2" }]);
    await on.byId(object, "E3", { name: "Three" }).expect(200);
    expect((await on.byId(object, "E3", { external_id: "E2" }).expect(422)).body).toEqual(
      invalid({ base: [{ description: "External ID: has already been taken", error: "DuplicateValue" }] }),
    );
  });

  test("12: another name in the body renames, unless it is taken", async () => {
    const object = await on.unique();
    await on.byName(object, "One", {}).expect(200);
    await on.byName(object, "One", { name: "Uno" }).expect(200);
    await on.byName(object, "Two", {}).expect(200);
    expect((await on.byName(object, "Two", { name: "Uno" }).expect(422)).body).toEqual(TAKEN_NAME);
    await on.byName(object, "Nobody", { name: "Other" }).expect(422);
    expect((await on.recordsOf(object)).map((record) => record["name"])).toEqual(["Uno", "Two"]);
  });

  test("13: by name needs unique names", async () => {
    const object = await on.plain();
    const { body } = await on.byName(object, "One", {}).expect(422);
    expect(body).toEqual(
      invalid({ base: [{ description: "Name: uniqueness is not enabled for this object", error: "InvalidValue" }] }),
    );
    await api.delete(`custom_objects/${object}/records?name=One`).expect(422);
  });

  test("14: a numbered name can't be sent, but a null is tolerated", async () => {
    const object = await on.numbered();
    const { body } = await on.byId(object, "E1", { name: "Mine" }).expect(422);
    expect(body).toEqual(
      invalid({ base: [{ description: "Name: cannot be set when autonumbering is enabled", error: "InvalidValue" }] }),
    );
    await on.byId(object, "E1", { name: null }).expect(200);
  });

  test("15: a numbered name is made on creation and kept on update; numbers longer than the padding grow", async () => {
    const object = await on.numbered();
    await on.byId(object, "E1", {}).expect(200);
    await on.byId(object, "E1", { custom_object_fields: { note: "x" } }).expect(200);
    await on.byId(object, "E2", {}).expect(200);
    await api.post(`custom_objects/${object}/records`, { custom_object_record: {} }).expect(201);
    expect((await on.recordsOf(object)).map((record) => record["name"])).toEqual(["PFX0007", "PFX0008", "PFX0009"]);
    const grown = await objectWith(store.app, {
      name: { autoincrement_enabled: true, autoincrement_padding: 2, autoincrement_next_sequence: 1234 },
    });
    await on.byId(grown, "E1", {}).expect(200);
    expect(await on.recordsOf(grown)).toMatchObject([{ name: "1234" }]);
  });

  test("16: a unique name that another record has is refused in the vendor's own words", async () => {
    const object = await on.unique();
    await on.byId(object, "E1", { name: "One" }).expect(200);
    expect((await on.byId(object, "E2", { name: "One" }).expect(422)).body).toEqual(TAKEN_NAME);
    await on.byId(object, "E2", { name: "Two" }).expect(200);
    expect((await on.byId(object, "E2", { name: "One" }).expect(422)).body).toEqual(TAKEN_NAME);
    await on.byId(object, "E1", { name: "One" }).expect(200);
  });

  test("17: an unknown object is 404 RecordNotFound, whatever the body", async () => {
    for (const body of [{ custom_object_record: { name: "x" } }, "nonsense"]) {
      const answer = await api.patch("custom_objects/nothing/records?external_id=E1", body).expect(404);
      expect(answer.body).toEqual({ error: "RecordNotFound", description: "Not found" });
    }
  });

  test("18: an unknown field is left out, unless the request prefers to be told or the store's quirk decides", async () => {
    const object = await on.plain();
    const custom_object_record = { name: "One", custom_object_fields: { nope: 1, note: "n" } };
    const path = `custom_objects/${object}/records?external_id=E1`;
    const refused = invalid({ base: [{ description: "nope: is not a field of this object", error: "InvalidValue" }] });
    const lenient = await api.patch(path, { custom_object_record }).expect(200);
    expect(lenient.body).toMatchObject({
      custom_object_record: { custom_object_fields: { note: "n", tier: null } },
    });
    expect(JSON.stringify(lenient.body)).not.toContain("nope");
    expect(lenient.headers["preference-applied"]).toBeUndefined();
    const strict = await api.patch(path, { custom_object_record }).set("Prefer", "handling=strict").expect(422);
    expect([strict.body, strict.headers["preference-applied"]]).toEqual([refused, "handling=strict"]);

    const quirky = async (unknownFields: "leave out" | "refuse") =>
      client(await store.another({ quirks: { unknownFields } }));
    const strictStore = await quirky("refuse");
    expect((await strictStore.patch(path, { custom_object_record }).expect(422)).body).toEqual(refused);
    await strictStore.patch(path, { custom_object_record }).set("Prefer", "handling=lenient").expect(422);
    const laxStore = await quirky("leave out");
    const lax = await laxStore.patch(path, { custom_object_record }).set("Prefer", "handling=strict").expect(200);
    expect(lax.headers["preference-applied"]).toBeUndefined();
  });

  test("18: every way of writing a record hears the preference, and so do the items of a job", async () => {
    const object = await on.plain();
    await on.byId(object, "E1", { name: "One" });
    const [{ id } = {}] = await on.recordsOf(object);
    // A client of the real API puts the name among the fields too, the vendor's own example the external_id.
    const item = { name: "Two", external_id: "E2", custom_object_fields: { name: "Two", external_id: "E2" } };
    const ask = (strict: boolean) => {
      const prefer = strict ? "handling=strict" : "return=representation";
      const records = `custom_objects/${object}/records`;
      const body = { custom_object_record: { ...item, external_id: undefined } };
      const jobs = ["create", "create_or_update_by_external_id"].map((action) =>
        api.post(`custom_objects/${object}/jobs`, { job: { action, items: [item] } }).set("Prefer", prefer),
      );
      return {
        writes: [
          api.post(records, body).set("Prefer", prefer),
          api.patch(`${records}/${String(id)}`, body).set("Prefer", prefer),
        ],
        jobs,
      };
    };
    for (const write of ask(true).writes) await write.expect(422);
    for (const job of ask(true).jobs) {
      expect((await job.expect(201)).body).toMatchObject({ job_status: { results: [{ status: "Failed" }] } });
    }
    for (const write of ask(false).writes) expect((await write).status).toBeLessThan(300);
    const [created, upserted] = await Promise.all(ask(false).jobs.map(async (job) => (await job.expect(201)).body));
    expect([created, upserted].map((body) => JSON.stringify(body)).join()).toMatch(
      /"status":"(Created|CreateOrUpdate)"/,
    );
  });

  test("19: a value that does not fit is refused under its field", async () => {
    const object = await on.plain();
    const { body } = await on
      .byId(object, "E1", { name: "One", custom_object_fields: { tier: "brass", note: 5 } })
      .expect(422);
    expect(body).toEqual(
      invalid({
        tier: [{ description: "TIER: is invalid", error: "InvalidValue" }],
        note: [{ description: "NOTE: is invalid", error: "InvalidValue" }],
      }),
    );
  });
});
