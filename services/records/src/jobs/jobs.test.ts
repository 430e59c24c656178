import { jobStatus, type JobResult, type JobStatus } from "@sluice/zendesk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGENT, READER, client, invalid, objectWith, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

const FIELDS = [
  { key: "tier", type: "dropdown", custom_field_options: [{ name: "Gold", value: "gold" }] },
  { key: "note" },
  { key: "parent", type: "lookup" },
];

let store: StoreUnderTest;
let api: ReturnType<typeof client>;
beforeAll(async () => {
  store = await storeUnderTest();
  api = client(store.app, AGENT);
});
afterAll(() => store.close());

const plain = () => objectWith(store.app, { fields: FIELDS.slice(0, 2) });
const unique = () => objectWith(store.app, { fields: FIELDS.slice(0, 2), name: { is_unique: true } });

async function jobOf(object: string, action: string, items: unknown[], fences?: string): Promise<JobStatus> {
  const request = api.post(`custom_objects/${object}/jobs`, { job: { action, items } });
  const { body } = await (fences === undefined ? request : request.set("Sluice-Fences", fences)).expect(201);
  return jobStatus.strict().parse((body as { job_status: unknown }).job_status);
}
async function resultsOf(object: string, action: string, items: unknown[], fences?: string): Promise<JobResult[]> {
  const { results } = await jobOf(object, action, items, fences);
  return results ?? [];
}
async function recordsOf(object: string) {
  const { body } = await api.get(`custom_objects/${object}/records?sort=id`).expect(200);
  return (body as { custom_object_records: Record<string, unknown>[] }).custom_object_records;
}
const id = expect.stringMatching(/^[0-9A-Z]{26}$/) as unknown as string;
const failed = (code: string, title: string, detail?: string) => [
  { code, title, ...(detail === undefined ? {} : { detail }) },
];

describe("a bulk job", () => {
  test("is completed when it is answered, and can be asked for afterwards", async () => {
    const object = await plain();
    const job = await jobOf(object, "create", [{ name: "One", external_id: "E1" }, { name: "Two" }]);
    expect(job).toEqual({
      id: expect.stringMatching(/^V3-[0-9a-f]{32}$/) as unknown,
      job_type: "custom_object_record_bulk",
      url: `http://records.test/api/v2/job_statuses/${job.id}.json`,
      total: 2,
      progress: 2,
      status: "completed",
      message: expect.stringMatching(/^Completed at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000$/) as unknown,
      results: [
        { index: 0, id, external_id: "E1", status: "Created" },
        { index: 1, id, status: "Created" },
      ],
    });
    const other = await jobOf(object, "create", [{ name: "Three" }]);
    expect((await api.get(`job_statuses/${job.id}.json`).expect(200)).body).toEqual({ job_status: job });
    const many = await api.get(`job_statuses/show_many.json?ids=${job.id},V3-nope,${other.id}`).expect(200);
    expect(many.body).toMatchObject({ count: 2, job_statuses: [job, other] });
    const { body } = await api.get("job_statuses").expect(200);
    expect((body as { job_statuses: JobStatus[] }).job_statuses.slice(0, 2)).toEqual([other, job]);
    const unknown = await api.get(`job_statuses/V3-${"0".repeat(32)}`).expect(404);
    expect(unknown.body).toEqual({ error: "RecordNotFound", description: "Not found" });
  });

  test("updates and deletes by id, each item for itself", async () => {
    const object = await plain();
    const [one, two] = await resultsOf(object, "create", [{ name: "One", external_id: "E1" }, { name: "Two" }]);
    const missing = "01JD8Y2N5Q3T0WQ7C4M9K6R1ZP";
    const updated = await resultsOf(object, "update", [
      { id: one?.id, custom_object_fields: { note: "n" } },
      { id: missing, name: "x" },
      { id: two?.id, custom_object_fields: { tier: "tin" } },
      { name: "without id" },
    ]);
    const code = "CustomObjectRecordUpdateFailed";
    const invalidTitle = "Record validation errors";
    expect(updated).toEqual([
      { index: 0, id: one?.id, external_id: "E1", status: "Updated" },
      { index: 1, id: missing, status: "Failed", errors: failed(code, "Record not found") },
      { index: 2, id: two?.id, status: "Failed", errors: failed(code, invalidTitle, "TIER: is invalid") },
      { index: 3, status: "Failed", errors: failed(code, invalidTitle, "Item: is invalid") },
    ]);
    expect(await resultsOf(object, "delete", [one?.id, one?.id])).toEqual([
      { index: 0, id: one?.id, external_id: "E1", status: "Deleted" },
      { index: 1, id: one?.id, status: "Failed", errors: failed("CustomObjectRecordDeleteFailed", "Record not found") },
    ]);
    expect(await recordsOf(object)).toMatchObject([{ name: "Two" }]);
  });

  test("upserts and deletes by external_id", async () => {
    const object = await plain();
    await resultsOf(object, "create", [{ name: "One", external_id: "E1", custom_object_fields: { note: "kept" } }]);
    const upserted = await resultsOf(object, "create_or_update_by_external_id", [
      { external_id: "E1", custom_object_fields: { tier: "gold" } },
      { external_id: "E2", name: "Two" },
      { external_id: 3, name: "Three" },
      { external_id: "E4" },
      { name: "no key" },
      7,
    ]);
    const code = "CustomObjectRecordCreateOrUpdateFailed";
    const title = "Record validation errors";
    expect(upserted).toEqual([
      { index: 0, id, external_id: "E1", status: "CreateOrUpdate" },
      { index: 1, id, external_id: "E2", status: "CreateOrUpdate" },
      { index: 2, id, external_id: "3", status: "CreateOrUpdate" },
      { index: 3, external_id: "E4", status: "Failed", errors: failed(code, title, "Name: cannot be blank") },
      { index: 4, status: "Failed", errors: failed(code, title, "Item: is invalid") },
      { index: 5, status: "Failed", errors: failed(code, title, "Item: is invalid") },
    ]);
    expect(await recordsOf(object)).toMatchObject([
      { name: "One", custom_object_fields: { tier: "gold", note: "kept" } },
      { name: "Two" },
      { name: "Three", external_id: "3" },
    ]);
    expect(await resultsOf(object, "delete_by_external_id", ["E1", "nope"])).toEqual([
      { index: 0, id, external_id: "E1", status: "Deleted" },
      {
        index: 1,
        external_id: "nope",
        status: "Failed",
        errors: failed("CustomObjectRecordDeleteFailed", "Record not found"),
      },
    ]);
  });

  test("upserts by name where names are unique", async () => {
    const object = await unique();
    await resultsOf(object, "create_or_update_by_name", [{ name: "One", external_id: "E1" }, { name: "Two" }]);
    await resultsOf(object, "create_or_update_by_name", [{ name: "One", custom_object_fields: { note: "n" } }]);
    expect(await recordsOf(object)).toMatchObject([
      { name: "One", external_id: "E1", custom_object_fields: { note: "n" } },
      { name: "Two", external_id: null },
    ]);
    const [refused] = await resultsOf(await plain(), "create_or_update_by_name", [{ name: "One" }]);
    expect(refused).toMatchObject({ errors: [{ detail: "Name: uniqueness is not enabled for this object" }] });
  });

  test("with one key several times applies the items in their order", async () => {
    const object = await plain();
    const results = await resultsOf(object, "create_or_update_by_external_id", [
      { external_id: "E1", name: "One", custom_object_fields: { note: "first" } },
      { external_id: "E2", name: "Two" },
      { external_id: "E1", custom_object_fields: { note: "second", tier: "gold" } },
      { external_id: "E1", name: "Uno", custom_object_fields: { note: "third" } },
    ]);
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => "CreateOrUpdate"));
    expect(await recordsOf(object)).toMatchObject(
      [{ name: "One", external_id: "E1", custom_object_fields: { note: "third", tier: "gold" } }, { name: "Two" }].map(
        (record, place) => (place === 0 ? { ...record, name: "Uno" } : record),
      ),
    );
  });

  test("lets an item point to one that an earlier item makes", async () => {
    const object = await objectWith(store.app, { name: { is_unique: true } });
    const admin = client(store.app);
    const field = {
      key: "parent",
      title: "Parent",
      type: "lookup",
      relationship_target_type: `zen:custom_object:${object}`,
    };
    await admin.post(`custom_objects/${object}/fields`, { custom_object_field: field }).expect(201);
    const results = await resultsOf(object, "create_or_update_by_external_id", [
      { external_id: "A", name: "a" },
      { external_id: "B", name: "b", custom_object_fields: { parent: "external_id:A" } },
      { external_id: "C", name: "c", custom_object_fields: { parent: "name:b" } },
      { external_id: "D", name: "d", custom_object_fields: { parent: "external_id:Z" } },
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      "CreateOrUpdate",
      "CreateOrUpdate",
      "CreateOrUpdate",
      "Failed",
    ]);
    const parents = (await recordsOf(object)).map(({ custom_object_fields }) => custom_object_fields);
    expect(parents).toEqual([{ parent: null }, { parent: results[0]?.id }, { parent: results[1]?.id }]);
  });

  test("whose items break a rule of the database fails those alone", async () => {
    const object = await unique();
    await resultsOf(object, "create", [{ name: "Taken", external_id: "E0" }]);
    const names = ["One", "Taken", "Two", "One", "Three"];
    const items = names.map((name, index) => ({ name, external_id: `E${index + 1}` }));
    const results = await resultsOf(object, "create_or_update_by_external_id", items);
    expect(results.map(({ errors }) => errors?.[0]?.detail)).toEqual([
      undefined,
      "Name already exists. Try another one.",
      undefined,
      "Name already exists. Try another one.",
      undefined,
    ]);
    expect((await recordsOf(object)).map(({ name }) => name)).toEqual(["Taken", "One", "Two", "Three"]);
  });

  test("gives numbered names in the order of the items", async () => {
    const object = await objectWith(store.app, {
      name: { autoincrement_enabled: true, autoincrement_prefix: "P", autoincrement_padding: 3 },
    });
    await resultsOf(object, "create", [{ external_id: "A" }, { external_id: "B" }]);
    await resultsOf(object, "create_or_update_by_external_id", [{ external_id: "B" }, { external_id: "C" }]);
    expect((await recordsOf(object)).map(({ name, external_id }) => [external_id, name])).toEqual([
      ["A", "P001"],
      ["B", "P002"],
      ["C", "P003"],
    ]);
  });

  test("takes a hundred items, and not none or one more", async () => {
    const object = await plain();
    const items = Array.from({ length: 101 }, (_, index) => ({ name: `r${index}`, external_id: `E${index}` }));
    expect(await resultsOf(object, "create_or_update_by_external_id", items.slice(1))).toHaveLength(100);
    const post = (job: unknown) => api.post(`custom_objects/${object}/jobs`, { job });
    const tooLong = { description: "Items: is too long", error: "TooLong" };
    expect((await post({ action: "create", items }).expect(422)).body).toEqual(invalid({ items: [tooLong] }));
    await post({ action: "create", items: [] }).expect(422);
    await post({ action: "create" }).expect(422);
    await post({ action: "destroy", items: [{}] }).expect(422);
    await post([{}]).expect(400);
    await api.post("custom_objects/nope/jobs", { job: { action: "create", items: [{}] } }).expect(404);
    const reader = client(store.app, READER);
    await reader.post(`custom_objects/${object}/jobs`, { job: { action: "create", items: [{}] } }).expect(403);
    expect((await api.get(`custom_objects/${object}/records/count`)).body).toMatchObject({ count: { value: 100 } });
  });

  test("takes records of 32 KB each", async () => {
    const object = await plain();
    const items = Array.from({ length: 60 }, (_, index) => ({
      name: `r${index}`,
      external_id: `E${index}`,
      custom_object_fields: { note: "x".repeat(32_000) },
    }));
    const results = await resultsOf(object, "create_or_update_by_external_id", [
      ...items,
      { name: "big", external_id: "big", custom_object_fields: { note: "x".repeat(32_768) } },
    ]);
    expect(results.map(({ status }) => status)).toEqual([...items.map(() => "CreateOrUpdate"), "Failed"]);
    expect(results.at(-1)?.errors?.[0]?.detail).toBe("Record: exceeds 32 KB");
  });
});

describe("the fences of a job", () => {
  const items = ["E1", "E2", "E3"].map((external_id) => ({ external_id, name: external_id }));
  const stale = (newest_fence: string) => [
    { code: "StaleFence", title: "A writer with a higher Sluice-Fence has written this key", newest_fence },
  ];

  test("refuse the items that come too late, and those alone", async () => {
    const object = await plain();
    await resultsOf(object, "create_or_update_by_external_id", items, "10,20,");
    const results = await resultsOf(object, "create_or_update_by_external_id", items, "11, 19,1");
    expect(results.map(({ errors }) => errors)).toEqual([undefined, stale("20"), undefined]);
    const deleted = await resultsOf(object, "delete_by_external_id", ["E1", "E2", "E3"], "10,21,1");
    expect(deleted.map(({ errors }) => errors)).toEqual([stale("11"), undefined, undefined]);
    expect(await recordsOf(object)).toMatchObject([{ external_id: "E1" }]);
    const late = api.patch(`custom_objects/${object}/records?external_id=E2`, { custom_object_record: { name: "x" } });
    await late.set("Sluice-Fence", "20").expect(409);
  });

  test.each(["1,2", "1,2,3,4", "1,x,3", "1,-2,3"])("%j does not go with three items", async (fences) => {
    const job = { action: "create_or_update_by_external_id", items };
    await api
      .post(`custom_objects/${await plain()}/jobs`, { job })
      .set("Sluice-Fences", fences)
      .expect(400);
  });

  test("do not go with actions that name no key", async () => {
    const job = { action: "create", items: [{ name: "One" }] };
    await api
      .post(`custom_objects/${await plain()}/jobs`, { job })
      .set("Sluice-Fences", "1")
      .expect(400);
  });
});

test("jobs that write the same records at once make one of each", async () => {
  const object = await unique();
  const items = Array.from({ length: 40 }, (_, index) => ({ external_id: `E${index}`, name: `r${index}` }));
  const jobs = await Promise.all(
    [items, items.toReversed(), items.slice(20), items.slice(0, 20).toReversed()].map((each) =>
      resultsOf(object, "create_or_update_by_external_id", each),
    ),
  );
  expect(jobs.flat().filter(({ errors }) => errors !== undefined)).toEqual([]);
  expect(await recordsOf(object)).toHaveLength(40);
});
