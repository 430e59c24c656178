import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Json } from "@sluice/event";
import { createZendeskClient, type ZendeskClient } from "../client.ts";
import type { RunningJob, Write } from "../../destination.ts";
import { createPermissions } from "../../http/permissions.ts";
import { zendeskJobs } from "./jobs.ts";
import { createStamping } from "../stamping.ts";

/** Jobs against a server that answers as each test says. */
let server: Server;
let client: ZendeskClient;
let answers: { status: number; body: unknown }[];
let seen: { url: string; fences: unknown; body: unknown }[];
const signal = new AbortController().signal;

beforeEach(async () => {
  answers = [];
  seen = [];
  server = createServer((request, response) => {
    void (async () => {
      const body = request.method === "POST" ? await json(request) : null;
      seen.push({ url: decodeURIComponent(request.url ?? ""), fences: request.headers["sluice-fences"], body });
      const answer = answers.shift();
      if (answer === undefined) request.socket.destroy();
      else response.writeHead(answer.status).end(JSON.stringify(answer.body));
    })();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  client = createZendeskClient({
    url: `http://127.0.0.1:${port}`,
    auth: { bearer: "a-token-of-tests" },
    concurrency: 1,
    timeoutMs: 5000,
  });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await client.close();
});

const STAMP = { version: "1", rank: 0, eventId: "e" };

function writeOf(
  value: string,
  fields: Record<string, Json> | null,
  by: "external_id" | "name" = "external_id",
): Write {
  const entries = Object.entries(fields ?? {}).map(
    ([key, written]) => [key, { change: 1, stamp: STAMP, source: "erp", value: written }] as const,
  );
  const claim = { object: "customer", key: { by, value }, fence: `1${value.length}` };
  const snapshot = { deletion: null, fields: new Map(entries), open: new Map() };
  return { effect: fields === null ? "delete" : "fields", claim: { ...claim, snapshot } as unknown as Write["claim"] };
}
const says = (status: number, body: unknown) => answers.push({ status, body });
const job = (status: string, results: unknown = null) => ({ job_status: { id: "V3-1", status, results } });
const refused = (index: number, code: string, title: string, detail: string) => ({
  index,
  status: "Failed",
  errors: [{ code, title, detail }],
});

test("writes of one object and one action share a job; what a job can't do goes alone", () => {
  const { groupOf } = zendeskJobs(client, createPermissions(), createStamping());
  expect(groupOf(writeOf("1", { tier: "a" }))).toBe(groupOf(writeOf("2", { balance: 3 })));
  expect(groupOf(writeOf("1", null))).not.toBe(groupOf(writeOf("1", { tier: "a" })));
  expect(groupOf(writeOf("n", { tier: "a" }, "name"))).toContain("create_or_update_by_name");
  expect(groupOf(writeOf("n", { "standard::name": "other" }, "name"))).toBeNull();
  expect(groupOf(writeOf("n", null, "name"))).toBeNull();
  expect(groupOf(writeOf("1", { tier: "x".repeat(40_000) }))).toBeNull();
});

test("a job carries names, fields and a token for each item, and every item gets its own answer", async () => {
  says(
    201,
    job("completed", [
      { index: 0, status: "CreateOrUpdate" },
      refused(1, "CustomObjectRecordCreateOrUpdateFailed", "Record validation errors", "Tier: is invalid"),
      refused(2, "StaleFence", "A writer with a higher Sluice-Fence has written this key", ""),
      refused(3, "CustomObjectRecordCreateOrUpdateFailed", "Internal error", ""),
    ]),
  );
  const writes = [
    writeOf("1", { "standard::name": "Acme", tier: "a" }),
    writeOf("22", { tier: "b" }),
    writeOf("333", { tier: null }),
    writeOf("4444", { tier: "d" }),
  ];
  const { exchange, job: end } = await zendeskJobs(client, createPermissions(), createStamping()).start(writes, signal);
  expect(seen).toEqual([
    {
      url: "/api/v2/custom_objects/customer/jobs",
      fences: "11,12,13,14",
      body: {
        job: {
          action: "create_or_update_by_external_id",
          items: [
            { name: "Acme", external_id: "1", custom_object_fields: { tier: "a" } },
            { external_id: "22", custom_object_fields: { tier: "b" } },
            { external_id: "333", custom_object_fields: { tier: null } },
            { external_id: "4444", custom_object_fields: { tier: "d" } },
          ],
        },
      },
    },
  ]);
  expect(exchange).toMatchObject({ answer: { kind: "done" }, status: "201" });
  const items = end.kind === "done" ? end.items : [];
  expect(items.map(({ answer }) => answer)).toMatchObject([
    { kind: "done" },
    {
      kind: "record",
      code: "RecordInvalid",
      message: "Record validation errors: Tier: is invalid",
    },
    { kind: "again", code: "StaleFence" },
    { kind: "down" },
  ]);
  // A dead letter shows the one item and what was said of it, not the other 99.
  expect(items[1]?.shown).toMatchObject({
    request: { method: "POST", body: { job: { items: [{ external_id: "22" }] } } },
    response: { body: { index: 1, status: "Failed" } },
  });
});

test("a delete that finds nothing is answered as a single one would be", async () => {
  says(201, job("completed", [refused(0, "CustomObjectRecordDeleteFailed", "Record not found", "")]));
  const { job: end } = await zendeskJobs(client, createPermissions(), createStamping()).start(
    [writeOf("1", null)],
    signal,
  );
  expect(seen[0]?.body).toEqual({ job: { action: "delete_by_external_id", items: ["1"] } });
  expect(end).toMatchObject({
    kind: "done",
    items: [{ answer: { kind: "gone" } }],
  });
});

test("a job that failed as a whole blames itself, not its items", async () => {
  says(201, job("failed"));
  const { job: end } = await zendeskJobs(client, createPermissions(), createStamping()).start(
    [writeOf("1", null)],
    signal,
  );
  expect(end).toMatchObject({
    kind: "done",
    items: [{ answer: { kind: "down", code: "JobFailed" } }],
  });
});

test("a running job is looked at until it ends; each look is one request", async () => {
  says(201, job("queued"));
  says(200, job("working"));
  says(500, "");
  says(200, { job_statuses: [job("completed", [{ index: 0, status: "Deleted" }]).job_status] });
  let { exchange, job: stands } = await zendeskJobs(client, createPermissions(), createStamping()).start(
    [writeOf("1", null)],
    signal,
  );
  const statuses = [];
  while (stands.kind === "running") {
    ({ exchange, job: stands } = await stands.job.look(signal));
    statuses.push(exchange.status);
  }
  expect(statuses).toEqual(["200", "500", "200"]);
  expect(stands).toMatchObject({ kind: "done", items: [{ answer: { kind: "done" } }] });
});

test("a look that gets no answer leaves the job running", async () => {
  says(201, job("queued"));
  const { job: stands } = await zendeskJobs(client, createPermissions(), createStamping()).start(
    [writeOf("1", null)],
    signal,
  );
  const look = stands.kind === "running" ? await stands.job.look(signal) : null;
  expect(look).toMatchObject({
    exchange: { answer: { kind: "unknown", code: "destination_unreachable" } },
    job: { kind: "running" },
  });
});

test("a job that can't be read any more is settled by what its records show", async () => {
  says(201, job("queued"));
  says(200, {
    custom_object_records: [
      { external_id: "1", name: "A", custom_object_fields: { tier: "a" } },
      { external_id: "2", name: "B", custom_object_fields: { tier: "old" } },
    ],
  });
  const writes = [writeOf("1", { tier: "a" }), writeOf("2", { tier: "b" })];
  const { job: stands } = await zendeskJobs(client, createPermissions(), createStamping()).start(writes, signal);
  const end = stands.kind === "running" ? await stands.job.readBack(signal) : null;
  expect(end?.job).toMatchObject({
    kind: "done",
    items: [{ answer: { kind: "done" } }, { answer: { kind: "unknown", code: "job_unreadable" } }],
  });
  expect(seen[1]?.url).toContain("filter[external_ids]=1,2");
});

test.each([429, 503])("records that can't be read back for now (%i) leave the job open as a whole", async (status) => {
  says(201, job("queued"));
  says(status, "later");
  const { job: stands } = await zendeskJobs(client, createPermissions(), createStamping()).start(
    [writeOf("1", { tier: "a" })],
    signal,
  );
  const end = stands.kind === "running" ? await stands.job.readBack(signal) : null;
  expect(end).toMatchObject({ exchange: { status: String(status) }, job: { kind: "refused" } });
});

test("a job that is not taken is refused with the destination's reason; no answer at all is silence", async () => {
  says(429, { error: "TooManyJobs", description: "Too many", current_job_ids: [] });
  const { start } = zendeskJobs(client, createPermissions(), createStamping());
  expect(await start([writeOf("1", null)], signal)).toMatchObject({
    exchange: { answer: { kind: "slow", code: "TooManyJobs" } },
    job: { kind: "refused" },
  });
  expect(await start([writeOf("1", null)], signal)).toMatchObject({
    exchange: { answer: { kind: "unknown" } },
    job: { kind: "refused" },
  });
});

/** Starts jobs of one record each, which the destination queues as V3-0, V3-1 … */
async function startJobs(count: number): Promise<RunningJob[]> {
  const jobs = zendeskJobs(client, createPermissions(), createStamping());
  const started: RunningJob[] = [];
  for (let at = 0; at < count; at += 1) {
    says(201, { job_status: { id: `V3-${at}`, status: "queued", results: null } });
    const { job: stands } = await jobs.start([writeOf(`r${at}`, { tier: "a" })], signal);
    if (stands.kind === "running") started.push(stands.job);
  }
  expect(started).toHaveLength(count);
  seen = [];
  return started;
}
const status = (at: number, word: string) => ({
  id: `V3-${at}`,
  status: word,
  results: word === "completed" ? [{ index: 0, status: "CreateOrUpdate" }] : null,
});

test("one look asks for all jobs that run; the others hear of it without a request, and at once of their end", async () => {
  const [first, second, third] = await startJobs(3);
  says(200, { job_statuses: [status(0, "working"), status(1, "completed"), status(2, "queued")] });
  expect(await first!.look(signal)).toMatchObject({ job: { kind: "running" } });
  expect(seen.map(({ url }) => url)).toEqual(["/api/v2/job_statuses/show_many?ids=V3-0,V3-1,V3-2"]);
  await second!.over;
  expect(await second!.news()).toMatchObject({ job: { kind: "done", items: [{ answer: { kind: "done" } }] } });
  expect(await third!.news()).toMatchObject({ job: { kind: "running" } });
  // News is told once: the next time the job is looked at itself, and no more with jobs that have ended.
  expect(await third!.news()).toBeNull();
  expect(await first!.news()).toBeNull();
  says(200, { job_statuses: [status(0, "completed"), status(2, "working")] });
  expect(await third!.look(signal)).toMatchObject({ job: { kind: "running" } });
  expect(seen[1]?.url).toContain("ids=V3-0,V3-2");
  expect(await first!.news()).toMatchObject({ job: { kind: "done" } });
  says(200, { job_status: status(2, "completed") });
  expect(await third!.look(signal)).toMatchObject({ job: { kind: "done" } });
  expect(seen[2]?.url).toBe("/api/v2/job_statuses/V3-2");
});

test.each([
  ["404", 404, {}],
  ["a page of HTML", 200, "<html></html>"],
  ["a list without it", 200, { job_statuses: [status(1, "working")] }],
])("a job that the look at all tells nothing of (%s) is asked for by itself", async (_what, code, body) => {
  const [first] = await startJobs(2);
  says(code, body);
  says(200, { job_status: status(0, "completed") });
  const { job: stands } = await first!.look(signal);
  const next = stands.kind === "running" ? await stands.job.look(signal) : null;
  expect(next?.job.kind).toBe("done");
  expect(seen.map(({ url }) => url)).toEqual([
    "/api/v2/job_statuses/show_many?ids=V3-0,V3-1",
    "/api/v2/job_statuses/V3-0",
  ]);
});
