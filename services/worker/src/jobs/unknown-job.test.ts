import type { IncomingMessage, ServerResponse } from "node:http";
import { expect } from "vitest";
import { names, test, type Workplace, type WorkOptions } from "../worker.fixture.ts";

/** A destination that checks no token, loses its answers to jobs and runs those when the test says so. */
const UNFENCED: WorkOptions = { timeoutMs: 2000, fences: false, settleAfterSilenceMs: 2500 };
const RECORDS = 20;

type Item = { readonly external_id: string; readonly custom_object_fields: { readonly tier: string } };
type Job = { readonly id: string; status: string; readonly items: readonly Item[] };

let at: Workplace;
let jobs: Job[];
/** The values at the destination, by record. */
let tiers: Map<string, string>;
/** Pages of the list that were asked for, and the ids of each question for several jobs. */
let listed: string[];
let asked: string[];
/** The answers to a job's POST, to a question for the list and to one for several jobs. */
let post: (job: Job, response: ServerResponse) => void;
let list: (url: URL, response: ServerResponse) => void;
let show: (ids: readonly string[], response: ServerResponse) => void;

test.beforeEach(({ at: opened }) => {
  at = opened;
  jobs = [];
  tiers = new Map();
  listed = [];
  asked = [];
  post = (job) => void jobs.push(job);
  list = (_, response) => tellJobs(response, jobs, null);
  show = (ids, response) => tellJobs(response, among(jobs, ids), null);
  at.answer = (request, response) => {
    const url = new URL(request.url ?? "", "http://destination");
    if (request.method === "PATCH") return patch(request, response, url);
    if (request.method === "POST") {
      const items = at.itemsOf(request) as unknown as Item[];
      return post({ id: `job-${jobs.length + 1}`, status: "queued", items }, response);
    }
    const ids = url.searchParams.get("ids");
    if (ids === null) {
      listed.push(url.search);
      return list(url, response);
    }
    asked.push(ids);
    show(ids.split(","), response);
  };
});

function among<Each extends Pick<Job, "id">>(all: readonly Each[], ids: readonly string[]): readonly Each[] {
  return all.filter(({ id }) => ids.includes(id));
}

function patch(request: IncomingMessage, response: ServerResponse, url: URL): void {
  const { custom_object_record: sent } = at.bodyOf(request) as { custom_object_record: Omit<Item, "external_id"> };
  tiers.set(url.searchParams.get("external_id") ?? "", sent.custom_object_fields.tier);
  at.ok(request, response);
}

function run(job: Job): void {
  for (const { external_id: id, custom_object_fields: fields } of job.items) tiers.set(id, fields.tier);
  job.status = "completed";
}

function runAtOnce(job: Job, response: ServerResponse): void {
  run(job);
  const results = job.items.map((_, index) => ({ index, status: "CreateOrUpdate" }));
  response.writeHead(201).end(JSON.stringify({ job_status: { ...job, results } }));
}

function tellJobs(response: ServerResponse, page: readonly Pick<Job, "id" | "status">[], after: string | null): void {
  response.end(
    JSON.stringify({
      job_statuses: page.map(({ id, status }) => ({ id, status, results: null })),
      meta: { has_more: after !== null, after_cursor: after, before_cursor: null },
    }),
  );
}

async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`never: ${isTrue.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const posts = (): number => at.seen.filter(({ method }) => method === "POST").length;

test("a job whose answer was lost and that starts after the time for silence does not win over a newer value", async () => {
  await at.admitAtOnce(names(RECORDS));
  await at.work(UNFENCED);
  await until(() => posts() === 1);
  const id = jobs[0]!.items.at(-1)!.external_id;
  await at.admit(id, "newer", 2n);
  // The time for silence is over: the list is asked, and tells of it.
  await until(() => asked.length >= 1);
  expect(posts()).toBe(1);
  run(jobs[0]!);
  post = runAtOnce;
  expect(await at.ended(RECORDS + 1, 30_000)).toMatchObject({ dead: 0, pending: 0 });
  expect(tiers.get(id)).toBe("newer");
  expect(tiers.size).toBe(RECORDS);
});

test("so it is when the worker that posted it is gone, and again when the next one is", async () => {
  await Promise.all(names(RECORDS).map(async (record) => await at.admit(record, "old")));
  const lane = at.door.lane("crm");
  const terms = { requestsPerMinute: 700, credentials: "", passMs: 1000, requests: 1, batch: RECORDS, unused: 0 };
  const order = { ...terms, leaseMs: 1000, jobs: 1, gatherMs: 0, remember: false, session: "dead" };
  const claimed = await lane.claim(order);
  expect(await lane.announceJob(claimed.kind === "claimed" ? claimed.claims : [], 1000)).toHaveLength(RECORDS);
  const items = names(RECORDS).map((name) => ({ external_id: name, custom_object_fields: { tier: "old" } }));
  const job = { id: "job-1", status: "queued", items };
  jobs.push(job);
  await at.admit("r3", "newer", 2n);
  const first = await at.work(UNFENCED);
  await until(() => listed.length >= 1);
  await first.close(0);
  const before = listed.length;
  await at.work(UNFENCED);
  await until(() => listed.length > before);
  expect(at.seen.every(({ method }) => method === "GET")).toBe(true);
  run(job);
  post = runAtOnce;
  expect(await at.ended(RECORDS + 1, 30_000)).toMatchObject({ dead: 0, pending: 0 });
  expect(tiers.get("r3")).toBe("newer");
});

test("jobs of others are waited for, page by page, and those that come later are not, however many", async () => {
  const others = Array.from({ length: 250 }, (_, index) => ({ id: `other-${index}`, status: "completed" }));
  others[249]!.status = "working";
  list = (url, response) => {
    const from = Number(url.searchParams.get("page[after]") ?? 0);
    const all = [...jobs, ...others];
    const next = from + 100 < all.length ? String(from + 100) : null;
    tellJobs(response, all.slice(from, from + 100), next);
  };
  show = (ids, response) => tellJobs(response, among(others, ids), null);
  post = (_, response) => response.writeHead(504).end("{}");
  await at.admitAtOnce(names(RECORDS));
  await at.work(UNFENCED);
  await until(() => asked.length >= 1);
  expect(posts()).toBe(1);
  others.unshift(...Array.from({ length: 2000 }, (_, index) => ({ id: `later-${index}`, status: "working" })));
  others.at(-1)!.status = "completed";
  post = runAtOnce;
  expect(await at.ended(RECORDS, 120_000)).toMatchObject({ applied: RECORDS, pending: 0 });
  // The list is read once; after that the job is asked for by its id.
  expect(listed).toHaveLength(3);
  expect(new Set(asked)).toEqual(new Set(["other-249"]));
});

test("a job that the destination does not know any more has ended; a question that is not answered tells of none", async () => {
  post = (_, response) => response.writeHead(504).end("{}");
  list = (_, response) => tellJobs(response, [{ id: "other", status: "working" }], null);
  show = (_, response) => {
    if (asked.length === 1) return void response.writeHead(503).end("{}");
    tellJobs(response, [], null);
  };
  await at.admitAtOnce(names(RECORDS));
  await at.work(UNFENCED);
  await until(() => asked.length === 1);
  expect(posts()).toBe(1);
  post = runAtOnce;
  expect(await at.ended(RECORDS, 120_000)).toMatchObject({ applied: RECORDS, pending: 0 });
  expect(asked.length).toBeGreaterThan(1);
});

test.each([403, 404])(
  "where the list is refused (%i) the time for silence decides, and nothing is held",
  async (code) => {
    list = (_, response) => {
      // The records are written again as soon as this is heard.
      post = runAtOnce;
      response.writeHead(code).end("{}");
    };
    post = (_, response) => response.writeHead(502).end("{}");
    await at.admitAtOnce(names(RECORDS));
    await at.work(UNFENCED);
    expect(await at.ended(RECORDS, 120_000)).toMatchObject({ applied: RECORDS, pending: 0 });
    expect(listed).toHaveLength(1);
    const [posted, again] = at.seen.filter(({ method }) => method === "POST");
    expect(again!.atMs - posted!.atMs).toBeGreaterThan(900);
  },
);

test("where tokens are checked nobody asks for the list", async () => {
  post = (_, response) => response.writeHead(502).end("{}");
  await at.admitAtOnce(names(RECORDS));
  await at.work({ ...UNFENCED, fences: true });
  await until(() => posts() === 1);
  post = runAtOnce;
  expect(await at.ended(RECORDS, 120_000)).toMatchObject({ applied: RECORDS, pending: 0 });
  expect(listed).toEqual([]);
});
