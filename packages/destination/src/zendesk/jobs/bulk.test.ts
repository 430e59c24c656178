import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askForJob, askForJobs, createJob, type JobPlace } from "./bulk.ts";
import { readBack } from "./read-back.ts";
import { startClients } from "../server.fixture.ts";

const clients = startClients();
afterEach(clients.close);

type Answer = { status: number; body: unknown };
let answers: ((url: string) => Answer)[];
let seen: { method: string; url: string; fences: unknown; prefer: unknown; body: unknown }[];
beforeEach(() => {
  answers = [];
  seen = [];
});

async function listener(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "", url = "", headers } = request;
  seen.push({
    method,
    url: decodeURIComponent(url),
    fences: headers["sluice-fences"],
    prefer: headers["prefer"],
    body: method === "POST" ? await json(request) : null,
  });
  const { status, body } = answers[seen.length - 1]!(url);
  response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
}
const start = async () => await clients.against((request, response) => void listener(request, response));
const says = (status: number, body: unknown) => () => ({ status, body });
const job = (status: string, results: unknown = null, id = "V3-1") => ({ job_status: { id, status, results } });
const ITEMS = [
  { external_id: "a", custom_object_fields: { tier: "x" } },
  { external_id: "b", custom_object_fields: {} },
];
const JOB = { object: "customer", action: "create_or_update_by_external_id", items: ITEMS } as const;

test("a job is one POST with action, items, and a fencing token for each of them", async () => {
  answers = [says(201, job("queued"))];
  const client = await start();
  expect(await createJob(client, { ...JOB, fences: ["17", undefined] })).toMatchObject({
    kind: "running",
    place: { id: "V3-1" },
    reply: { status: 201, request: { method: "POST", path: "/api/v2/custom_objects/customer/jobs" } },
  });
  expect(seen).toEqual([
    {
      method: "POST",
      url: "/api/v2/custom_objects/customer/jobs",
      fences: "17,",
      prefer: "handling=strict",
      body: { job: { action: "create_or_update_by_external_id", items: ITEMS } },
    },
  ]);
});

test("a job that is completed when it is answered need not be asked for", async () => {
  answers = [says(200, job("completed", [{ index: 0, status: "CreateOrUpdate" }]))];
  expect(await createJob(await start(), JOB)).toMatchObject({ kind: "ended", job: { results: [{ index: 0 }] } });
});

test.each([
  [429, { error: "TooManyJobs", description: "Too many", current_job_ids: ["V3-1"] }, "TooManyJobs"],
  [422, { error: "RecordInvalid", description: "Record validation errors" }, "RecordInvalid"],
  [413, "too large", undefined],
  [404, { error: "RecordNotFound" }, "RecordNotFound"],
])("a job answered with %i is refused, and nothing was queued", async (status, body, errorCode) => {
  answers = [says(status, body)];
  const answer = await createJob(await start(), JOB);
  expect(answer).toMatchObject({ kind: "refused", reply: { status } });
  expect(answer.reply.errorCode).toBe(errorCode);
});

test("a job that was queued under no id is lost", async () => {
  answers = [says(201, "<html>")];
  expect(await createJob(await start(), JOB)).toMatchObject({ kind: "lost" });
});

test.each([
  ["queued", "running"],
  ["working", "running"],
  ["completed", "ended"],
  ["failed", "ended"],
  ["killed", "ended"],
  ["aborted", "ended"],
])("a job that is %s is %s", async (status, kind) => {
  answers = [says(200, job(status))];
  expect(await askForJob(await start(), { id: "V3-1" })).toMatchObject({ kind });
  expect(seen[0]).toMatchObject({ method: "GET", url: "/api/v2/job_statuses/V3-1" });
});

test.each([429, 503, 401])("a question answered with %i leaves the job running", async (status) => {
  answers = [says(status, "later")];
  expect(await askForJob(await start(), { id: "V3-1" })).toEqual(
    expect.objectContaining({ kind: "running", place: { id: "V3-1" } }),
  );
});

/** Asks until the job has ended, and at most so often. */
async function ask(times: number): Promise<string> {
  const client = await start();
  let place: JobPlace = { id: "V3-1" };
  for (let i = 0; i < times; i += 1) {
    const answer = await askForJob(client, place);
    if (answer.kind !== "running") return answer.kind;
    ({ place } = answer);
  }
  return "running";
}

test.each([404, 500])("a job whose page answers %i is looked for in the list, page by page", async (status) => {
  const page = job("working", null, "V3-9").job_status;
  answers = [
    says(status, ""),
    says(200, { job_statuses: [page], meta: { has_more: true, after_cursor: "c+1" } }),
    says(200, { job_statuses: [job("completed", [{ index: 0, status: "Deleted" }]).job_status], meta: {} }),
  ];
  expect(await ask(3)).toBe("ended");
  expect(seen.map(({ url }) => url)).toEqual([
    "/api/v2/job_statuses/V3-1",
    "/api/v2/job_statuses?page[size]=100",
    "/api/v2/job_statuses?page[size]=100&page[after]=c+1",
  ]);
});

test("one that the first pages of the list don't tell of either is asked for at its page again", async () => {
  const more = says(200, { job_statuses: [], meta: { has_more: true, after_cursor: "c" } });
  answers = [says(404, { error: "RecordNotFound" }), more, more, more, says(200, job("completed"))];
  expect(await ask(5)).toBe("ended");
  expect(seen.at(-1)?.url).toBe("/api/v2/job_statuses/V3-1");
});

test("records are read back in one request, and each is compared with what was to be written", async () => {
  const stored = (external_id: string, custom_object_fields: object, name = "Acme") => ({
    external_id,
    name,
    custom_object_fields,
  });
  answers = [
    says(200, {
      custom_object_records: [
        stored("same", {
          tier: "gold",
          balance: 12.5,
          open: true,
          tags: ["b", "a"],
          since: "2026-12-01T00:00:00+00:00",
          gone: null,
          other: "set by another",
        }),
        stored("value", { tier: "tin" }),
        stored("name", { tier: "gold" }, "Other"),
        stored("kept", {}),
      ],
    }),
  ];
  const client = await start();
  const fields = {
    tier: "gold",
    balance: "12.50",
    open: "true",
    tags: ["a", "b"],
    since: "2026-12-01",
    gone: null,
    never: "",
  };
  const gold = { name: "Acme", fields: { tier: "gold" } };
  const { found } = await readBack(client, "customer", [
    { key: { by: "external_id", value: "same" }, record: { name: "Acme", fields } },
    { key: { by: "external_id", value: "value" }, record: gold },
    { key: { by: "external_id", value: "name" }, record: gold },
    { key: { by: "external_id", value: "absent" }, record: gold },
    { key: { by: "external_id", value: "kept" }, record: null },
    { key: { by: "external_id", value: "deleted" }, record: null },
    { key: { by: "external_id", value: "with, comma" }, record: gold },
  ]);
  expect(found).toEqual(["as wanted", "unlike", "unlike", "unlike", "unlike", "as wanted", "unknown"]);
  expect(seen[0]?.url).toBe(
    "/api/v2/custom_objects/customer/records?filter[external_ids]=same,value,name,absent,kept,deleted&page[size]=100",
  );
});

test("ids that would make the address too long are not asked for, and stay unknown", async () => {
  answers = [says(200, { custom_object_records: [] })];
  const wanted = Array.from({ length: 100 }, (_, i) => ({
    key: { by: "external_id", value: `${i}-${"ä".repeat(100)}` } as const,
    record: null,
  }));
  const { found } = await readBack(await start(), "customer", wanted);
  expect(found.filter((each) => each === "as wanted")).toHaveLength(9);
  expect(found.filter((each) => each === "unknown")).toHaveLength(91);
  expect(encodeURI(seen[0]?.url ?? "").length).toBeLessThan(6_200);
});

test("what can't be read back is unknown, and a lookup by another key is taken for unlike", async () => {
  answers = [
    says(503, ""),
    says(200, { custom_object_records: [{ external_id: "a", custom_object_fields: { of: "01J" } }] }),
  ];
  const client = await start();
  const wanted = [{ key: { by: "external_id", value: "a" }, record: { fields: { of: "external_id:1" } } }] as const;
  expect((await readBack(client, "customer", wanted)).found).toEqual(["unknown"]);
  expect((await readBack(client, "customer", wanted)).found).toEqual(["unlike"]);
});

test("several jobs are asked for in one request; what is no list of jobs tells nothing", async () => {
  answers = [
    says(200, { job_statuses: [job("working").job_status, job("completed", [], "V3-2").job_status] }),
    says(404, { error: "InvalidEndpoint" }),
    says(200, "<html></html>"),
  ];
  const client = await start();
  const { page } = await askForJobs(client, ["V3-1", "V3-2", "V3-3"]);
  expect(page?.jobs).toMatchObject([
    { id: "V3-1", status: "working" },
    { id: "V3-2", status: "completed" },
  ]);
  expect(seen[0]?.url).toBe("/api/v2/job_statuses/show_many?ids=V3-1,V3-2,V3-3");
  expect(await askForJobs(client, ["V3-1"])).toMatchObject({ page: null, reply: { status: 404 } });
  expect(await askForJobs(client, ["V3-1"])).toMatchObject({ page: null, reply: { status: 200 } });
});
