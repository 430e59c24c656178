import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRecords, type RunningRecords } from "@sluice/records";
import { createLog, openDatabase, systemClock, type Database } from "@sluice/runtime";
import {
  askForJob,
  createJob,
  createZendeskClient,
  ensureObject,
  readBack,
  readItemResults,
  type JobAnswer,
  type DeclaredObject,
  type ZendeskClient,
  type ZendeskClientOptions,
} from "@sluice/destination/zendesk";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { layEmptyPostgres } from "../empty-postgres.ts";

/**
 * The client of packages/zendesk against services/records as a stand-in with a plan: both sides of the wire
 * contract, over real HTTP. Where a real account answers otherwise, one edit of rulings.ts mends it.
 */
const TOKEN = "token-of-the-store";
const OAUTH = { oauth: { clientId: "sluice", clientSecret: TOKEN, scope: "read write" } } as const;
const log = createLog({ role: "test", level: "silent" });
let dataDir: string;
let database: Database;
let records: RunningRecords;
/** The store without a plan, on the same database. */
let asItself: RunningRecords;
const clients: ZendeskClient[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "sluice-client-"));
  layEmptyPostgres(dataDir);
  database = await openDatabase({ dataDir, log });
  const standIn = { plan: "enterprise", jobQueuedMs: 5, jobWorkingMs: 5, requestsPerMinute: 100_000 } as const;
  records = await startRecords({
    database,
    tokens: [
      { token: TOKEN, role: "admin" },
      { token: "token-of-an-agent", role: "agent" },
    ],
    port: 0,
    clock: systemClock,
    log,
    standIn,
  });
  asItself = await startRecords({
    database,
    tokens: [{ token: TOKEN, role: "admin" }],
    port: 0,
    clock: systemClock,
    log,
  });
});
afterEach(async () => {
  await control("DELETE", "/faults");
  await Promise.all(clients.splice(0).map(async (client) => await client.close()));
});
afterAll(async () => {
  await records.close();
  await asItself.close();
  await database.close();
  rmSync(dataDir, { recursive: true });
});

function connect(more: Partial<ZendeskClientOptions> = {}): ZendeskClient {
  const client = createZendeskClient({ url: records.url, auth: OAUTH, concurrency: 4, timeoutMs: 20_000, ...more });
  clients.push(client);
  return client;
}
async function control(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${records.url}/__control${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.ok, await answer.clone().text()).toBe(true);
  return await answer.json();
}
const fault = async (body: object) => await control("POST", "/faults", body);

const FIELDS: [string, DeclaredObject["fields"] extends ReadonlyMap<string, infer F> ? F : never][] = [
  ["tier", { key: "tier", type: "dropdown", title: "Tier", options: new Map([["gold", "Gold"]]) }],
  ["balance", { key: "balance", type: "decimal", title: "Balance", options: new Map() }],
  ["vat", { key: "vat", type: "regexp", title: "VAT", options: new Map(), pattern: "^[A-Z]{2}[0-9]+$" }],
];
const objectOf = (key: string, more: Partial<DeclaredObject> = {}): DeclaredObject => ({
  key,
  title: "Customer",
  titlePluralized: "Customers",
  uniqueNames: false,
  fields: new Map(FIELDS),
  ...more,
});
let made = 0;
/** An object of its own for each test. */
async function freshObject(client: ZendeskClient, more: Partial<DeclaredObject> = {}): Promise<string> {
  made += 1;
  const key = `customer_${made}`;
  await ensureObject(client, objectOf(key, more));
  return key;
}
const by = (value: string) => ({ by: "external_id", value }) as const;

test("an object and its fields are made where they are missing, and left as they are where not", async () => {
  const client = connect();
  expect(await ensureObject(client, objectOf("ensured", { uniqueNames: true }))).toEqual({
    made: ["ensured", "ensured.tier", "ensured.balance", "ensured.vat"],
    differs: [],
  });
  expect(await ensureObject(client, objectOf("ensured", { uniqueNames: true }))).toEqual({ made: [], differs: [] });
  const more = new Map([
    ...FIELDS,
    ["balance", { key: "balance", type: "integer", title: "Balance", options: new Map() }],
    ["of", { key: "of", type: "lookup", title: "Of", options: new Map(), target: "zen:custom_object:ensured" }],
  ] as typeof FIELDS);
  expect(await ensureObject(client, objectOf("ensured", { fields: more }))).toEqual({
    made: ["ensured.of"],
    differs: ["ensured.balance is a decimal, not a integer"],
  });
  const reply = await client.upsertRecord("ensured", { by: "name", value: "Acme" }, { fields: { vat: "DE1" } });
  expect(reply).toMatchObject({ status: 200 });
});

test("processes that ensure one object at once make it once", async () => {
  const client = connect();
  const all = await Promise.all(Array.from({ length: 4 }, async () => await ensureObject(client, objectOf("raced"))));
  expect(all.flatMap((each) => each.made).toSorted()).toEqual(["raced", "raced.balance", "raced.tier", "raced.vat"]);
});

test("an object that may not be made says who may", async () => {
  const client = connect({ auth: { bearer: "token-of-an-agent" } });
  await expect(ensureObject(client, objectOf("forbidden"))).rejects.toMatchObject({
    code: "destination_refused",
    status: 403,
    hint: expect.stringContaining("admin") as unknown,
  });
});

test("every answer to a write comes back with its status, its word and its reason", async () => {
  const client = connect();
  const object = await freshObject(client);
  const upsert = async (value: string, fields: Record<string, string | number | null>, name?: string) =>
    await client.upsertRecord(object, by(value), { ...(name === undefined ? {} : { name }), fields });
  expect(await upsert("ä b/1", { tier: "gold", balance: "12.5" }, "Acme")).toMatchObject({
    status: 200,
    rateLimit: { limit: 100_000 },
    body: { custom_object_record: { name: "Acme", custom_object_fields: { tier: "gold", balance: 12.5 } } },
  });
  expect(await upsert("no name", {})).toMatchObject({
    status: 422,
    errorCode: "RecordInvalid",
    errorText: "Record validation errors; Name: cannot be blank",
  });
  expect(await upsert("ä b/1", { tier: "tin" })).toMatchObject({
    status: 422,
    errorText: "Record validation errors; Tier: is invalid",
  });
  expect(await client.upsertRecord("no_object", by("1"), { name: "A", fields: {} })).toMatchObject({
    status: 404,
    errorCode: "RecordNotFound",
  });
  expect(await client.deleteRecord(object, by("ä b/1"))).toMatchObject({ status: 204, body: null });
  expect(await client.deleteRecord(object, by("ä b/1"))).toMatchObject({ status: 404, errorCode: "RecordNotFound" });
  expect(await client.ask("GET", "job_statuses_none", null)).toMatchObject({
    status: 404,
    errorCode: "InvalidEndpoint",
  });
  const bad = connect({ auth: { bearer: "nobody's token" } });
  expect(await bad.deleteRecord(object, by("1"))).toMatchObject({
    status: 401,
    errorCode: "Couldn't authenticate you",
  });
  const agent = connect({ auth: { email: "a@example.com", apiToken: "token-of-an-agent" } });
  expect(await agent.ask("DELETE", `custom_objects/${object}`, null)).toMatchObject({
    status: 403,
    errorCode: "Forbidden",
  });
});

test("an access token that ends while requests are under way is replaced once, and none of them fails", async () => {
  const client = connect();
  const object = await freshObject(client);
  await control("DELETE", "/tokens");
  const replies = await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      if (i === 15) await control("DELETE", "/tokens");
      return await client.upsertRecord(object, by(String(i)), { name: "A", fields: {} });
    }),
  );
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
});

test("a 429 in plain text holds for as long as it says", async () => {
  const client = connect();
  const object = await freshObject(client);
  await control("PATCH", "/settings", { throttleBody: "text", requestsPerMinute: 1 });
  const reply = await client.deleteRecord(object, by("1"));
  await control("PATCH", "/settings", { throttleBody: "json", requestsPerMinute: 100_000 });
  expect(reply).toMatchObject({
    status: 429,
    errorText: "Number of allowed API requests per minute exceeded",
    rateLimit: { limit: 1, remaining: 0 },
  });
  expect(reply.retryAfterSeconds).toBeGreaterThan(0);
});

test("an answer lost after the commit is silence or, on a kept connection, the same write once more", async () => {
  const client = connect({ concurrency: 1 });
  const object = await freshObject(client);
  const upsert = async () => await client.upsertRecord(object, by("1"), { name: "A", fields: { balance: 1 } });
  // The connection has answered before: a server may close such a one, so the client sends once more, and an upsert does no harm twice.
  await fault({ method: "PATCH", drop: "after commit" });
  expect(await upsert()).toMatchObject({ status: 200 });
  await fault({ method: "PATCH", drop: "after commit", count: 2 });
  await expect(upsert()).rejects.toMatchObject({ code: "destination_unreachable" });
  const { body } = await client.ask("GET", `custom_objects/${object}/records/count`, null);
  expect(body).toMatchObject({ count: { value: 1 } });
});

test("no answer in time is a timeout, and the connection is not used again", async () => {
  const client = connect({ concurrency: 1, timeoutMs: 300 });
  const object = await freshObject(connect());
  await client.deleteRecord(object, by("1"));
  await fault({ method: "DELETE", delayMs: 600 });
  await expect(client.deleteRecord(object, by("1"))).rejects.toMatchObject({ code: "destination_timeout" });
  const patient = connect();
  expect(await patient.deleteRecord(object, by("1"))).toMatchObject({ status: 404 });
});

const upserts = (object: string, values: readonly string[], more: object = {}) =>
  ({
    object,
    action: "create_or_update_by_external_id",
    items: values.map((value) => ({ external_id: value, name: "A", custom_object_fields: { tier: value } })),
    ...more,
  }) as const;
/** Asks until the job has ended; a job of the stand-in takes a few milliseconds here. */
async function ended(client: ZendeskClient, answer: JobAnswer): Promise<Extract<JobAnswer, { kind: "ended" }>> {
  for (let asked = 0; answer.kind === "running" && asked < 500; asked += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    answer = await askForJob(client, answer.place);
  }
  if (answer.kind !== "ended") throw new Error(`the job is ${answer.kind}`);
  return answer;
}

test("a job of the store itself has ended when it is answered, one of the stand-in is asked for; both say the same", async () => {
  const client = connect();
  const object = await freshObject(client);
  const job = upserts(object, ["gold", "tin"]);
  const itself = connect({ url: asItself.url });
  const atOnce = await createJob(itself, job);
  expect(atOnce.kind).toBe("ended");
  const queued = await createJob(client, job);
  expect(queued.kind).toBe("running");
  const later = await ended(client, queued);
  for (const answer of [atOnce, later]) {
    const results = answer.kind === "ended" ? readItemResults(answer.job, job.items) : [];
    expect(results).toMatchObject([
      { kind: "done" },
      { kind: "refused", status: 422, text: "Record validation errors: Tier: is invalid" },
    ]);
  }
  const deletes = { object, action: "delete_by_external_id", items: ["gold", "never"] } as const;
  const gone = await createJob(itself, deletes);
  expect(gone.kind === "ended" ? readItemResults(gone.job, deletes.items) : []).toMatchObject([
    { kind: "done" },
    { kind: "absent" },
  ]);
});

test("an item with an older fencing token is refused alone by the store itself, and written by the stand-in", async () => {
  const client = connect();
  const object = await freshObject(client, { fields: new Map([FIELDS[1]!]) });
  const itself = connect({ url: asItself.url });
  const write = (fences: string[], balance: number) => ({
    object,
    action: "create_or_update_by_external_id" as const,
    items: ["a", "b"].map((value) => ({ external_id: value, name: "A", custom_object_fields: { balance } })),
    fences,
  });
  await createJob(itself, write(["20", "20"], 1));
  const stale = await createJob(itself, write(["19", "21"], 2));
  expect(stale.kind === "ended" ? readItemResults(stale.job, ["a", "b"]) : []).toMatchObject([
    { kind: "refused", status: 409, code: "StaleFence" },
    { kind: "done" },
  ]);
  const late = await ended(client, await createJob(client, write(["1", "1"], 3)));
  expect(readItemResults(late.job, ["a", "b"])).toMatchObject([{ kind: "done" }, { kind: "done" }]);
});

test("a field that the object does not have is told by the store itself, and left out by the stand-in", async () => {
  const client = connect();
  const object = await freshObject(client);
  const itself = connect({ url: asItself.url });
  const mistyped = { name: "A", fields: { teir: "gold" } };
  expect(await itself.upsertRecord(object, by("x"), mistyped)).toMatchObject({
    status: 422,
    errorText: expect.stringContaining("teir"),
  });
  expect(await client.upsertRecord(object, by("x"), mistyped)).toMatchObject({ status: 200 });
  const items = [{ external_id: "y", name: "A", custom_object_fields: { teir: "gold" } }];
  const job = { object, action: "create_or_update_by_external_id" as const, items };
  const told = await createJob(itself, job);
  expect(told.kind === "ended" ? readItemResults(told.job, items) : []).toMatchObject([{ kind: "refused" }]);
  const left = await ended(client, await createJob(client, job));
  expect(readItemResults(left.job, items)).toEqual([{ kind: "done" }]);
});

test("a job by name writes records of unique names", async () => {
  const client = connect({ url: asItself.url });
  const object = await freshObject(client, { uniqueNames: true });
  const items = [{ name: "Acme", custom_object_fields: { tier: "gold" } }];
  const answer = await createJob(client, { object, action: "create_or_update_by_name", items });
  expect(answer.kind === "ended" ? readItemResults(answer.job, items) : []).toEqual([{ kind: "done" }]);
});

test("a job whose page can't be read is found in the list", async () => {
  const client = connect();
  const object = await freshObject(client);
  await fault({ path: "/job_statuses/", status: 404, count: 1000 });
  const answer = await ended(client, await createJob(client, upserts(object, ["gold"])));
  expect(readItemResults(answer.job, ["gold"])).toEqual([{ kind: "done" }]);
});

test("a job whose answer was lost is settled by what its records show", async () => {
  const client = connect({ url: asItself.url });
  const object = await freshObject(client);
  const both = upserts(object, ["gold", "tin"]);
  const wanted = both.items.map(({ external_id, name, custom_object_fields: fields }) => ({
    key: by(external_id),
    record: { name, fields },
  }));
  expect((await readBack(client, object, wanted)).found).toEqual(["unlike", "unlike"]);
  await createJob(client, both);
  expect((await readBack(client, object, wanted)).found).toEqual(["as wanted", "unlike"]);
});

test("every kind of value that was written is known again when it is read", async () => {
  const client = connect({ url: asItself.url });
  const plain = (key: string, type: string) => [key, { key, type, title: key, options: new Map() }] as const;
  const fields = new Map([
    ...["text", "textarea", "checkbox", "date", "integer", "decimal"].map((type) => plain(type, type)),
    ["dropdown", { key: "dropdown", type: "dropdown", title: "D", options: new Map([["a", "A"]]) }] as const,
    [
      "multiselect",
      {
        key: "multiselect",
        type: "multiselect",
        title: "M",
        options: new Map([
          ["a", "A"],
          ["b", "B"],
        ]),
      },
    ] as const,
  ]);
  const object = await freshObject(client, { fields });
  const written = [
    { text: "ä\n", textarea: "x", checkbox: true, date: "2026-11-24", integer: 7, decimal: -1.5 },
    { integer: "2020", decimal: "12.50", checkbox: "false", date: "2026-11-24T00:00:00Z" },
    { dropdown: "a", multiselect: ["b", "a"] },
    { dropdown: null, multiselect: [], text: null, integer: null },
  ];
  const wanted = written.map((values, index) => ({ key: by(String(index)), record: { name: "A", fields: values } }));
  for (const { key, record } of wanted) {
    expect(await client.upsertRecord(object, key, record)).toMatchObject({ status: 200 });
  }
  expect((await readBack(client, object, wanted)).found).toEqual(written.map(() => "as wanted"));
});

// This test is the last: its jobs are still queued when the stand-in is closed, which ends them.
test("the 31st job is refused with TooManyJobs, and told how long to wait", async () => {
  const client = connect();
  const object = await freshObject(client);
  await control("PATCH", "/settings", { jobQueuedMs: 600_000 });
  const answers = await Promise.all(
    Array.from({ length: 31 }, async () => await createJob(client, upserts(object, ["gold"]))),
  );
  expect(answers.filter(({ kind }) => kind === "running")).toHaveLength(30);
  expect(answers.find(({ kind }) => kind === "refused")).toMatchObject({
    reply: { status: 429, errorCode: "TooManyJobs", retryAfterSeconds: 60 },
  });
});
