import { Redis } from "ioredis";
import { expect, inject } from "vitest";
import { names, test, type Handler } from "../worker.fixture.ts";

/** A write that was sent and not answered, and its worker's other flights. */

const SILENT: Handler = () => {};
const KEY = { by: "external_id", value: "r" } as const;

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`never: ${isTrue.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("where no token is checked, a record whose write was not answered waits until that write can't land any more", async ({
  at,
}) => {
  at.answer = SILENT;
  await at.work({ timeoutMs: 200, fences: false, settleAfterSilenceMs: 2000 });
  await at.admit("r", "old", 1n);
  await until(() => at.seen.length === 1);
  at.answer = at.ok;
  await at.admit("r", "new", 2n);
  await at.ended(2);
  expect(at.seen).toHaveLength(2);
  expect(at.seen[1]!.atMs - at.seen[0]!.atMs).toBeGreaterThan(1500);
});

test("where tokens are checked it is written again at once", async ({ at }) => {
  at.answer = SILENT;
  await at.work({ timeoutMs: 200, fences: true, settleAfterSilenceMs: 30_000 });
  await at.admit("r", "old", 1n);
  await until(() => at.seen.length === 1);
  at.answer = at.ok;
  await at.ended(1);
  expect(at.seen.length).toBeGreaterThan(1);
});

test("a destination that repeats the token is known to check it from then on, by the whole fleet", async ({ at }) => {
  const echoing: Handler = (request, response) => {
    response.setHeader("sluice-fence", String(request.headers["sluice-fence"]));
    at.ok(request, response);
  };
  at.answer = echoing;
  const first = await at.work({ timeoutMs: 200, fences: null, settleAfterSilenceMs: 30_000 });
  await at.admit("r", "first", 1n);
  await at.ended(1);
  await first.close(0);
  const before = at.seen.length;
  at.answer = SILENT;
  await at.work({ timeoutMs: 200, fences: null, settleAfterSilenceMs: 30_000 });
  await at.admit("r", "second", 2n);
  await until(() => at.seen.length === before + 1);
  at.answer = echoing;
  // Long before 30 s are over.
  await at.ended(2);
});

test.for([502, 504])(
  "a gateway's %i is silence: those behind it may still carry the write out",
  async (code, { at }) => {
    at.answer = (_, response) => response.writeHead(code).end("{}");
    await at.work({ timeoutMs: 200, fences: false, settleAfterSilenceMs: 1500 });
    await at.admit("r", "v");
    await until(() => at.seen.length === 1);
    at.answer = at.ok;
    await at.ended(1);
    expect(at.seen[1]!.atMs - at.seen[0]!.atMs).toBeGreaterThan(1100);
  },
);

test("a stop that cuts a request off leaves its record until the write can't land any more", async ({ at }) => {
  at.answer = SILENT;
  const stopped = await at.work({ timeoutMs: 1000, fences: false, settleAfterSilenceMs: 2500 });
  await at.admit("r", "v");
  await until(() => at.seen.length === 1);
  await stopped.close(0);
  at.answer = at.ok;
  await at.work({ timeoutMs: 1000, fences: false, settleAfterSilenceMs: 2500 });
  await at.ended(1);
  expect(at.seen[1]!.atMs - at.seen[0]!.atMs).toBeGreaterThan(2000);
});

test("a job that runs on when its worker stops is followed by the next one, and nothing is sent again", async ({
  at,
}) => {
  let isOver = false;
  let items: readonly object[] = [];
  const told = (state: string, results: readonly object[] | null): string =>
    JSON.stringify({ job_status: { id: "j", status: state, total: 40, progress: 0, message: null, results } });
  at.answer = (request, response) => {
    if (request.method === "PATCH") return at.ok(request, response);
    if (request.method === "POST") {
      items = at.itemsOf(request).map(({ external_id }, index) => ({ index, external_id, status: "CreateOrUpdate" }));
      response.writeHead(201).end(told("queued", null));
    } else response.writeHead(200).end(isOver ? told("completed", items) : told("working", null));
  };
  await at.admitAtOnce(names(40));
  const first = await at.work({ fences: false });
  await until(() => at.seen.some(({ method }) => method === "POST"));
  const posted = String(
    (await at.door.lane("crm").records.show("customer", { by: "external_id", value: "r9" }))?.state,
  );
  expect(posted).toBe("flying");
  await first.close(500);
  // The record changes while nobody follows: the newer value is no part of the job.
  await at.admit("r9", "newer", 2n);
  isOver = true;
  await at.work({ fences: false });
  // Nobody knows any more that the value which was replaced while nobody followed it was sent.
  const { applied, dead, pending } = await at.ended(41);
  expect({ applied, dead, pending }).toEqual({ applied: 40, dead: 0, pending: 0 });
  expect(at.seen.filter(({ method }) => method === "POST")).toHaveLength(1);
  // One PATCH for the newer value.
  expect(at.seen.filter(({ method, url }) => method === "PATCH" && url.endsWith("=r9"))).toHaveLength(1);
});

test("a dead worker's flights go on within seconds where tokens are checked, whatever its leases say", async ({
  at,
}) => {
  const redis = new Redis(inject("redisUrl"));
  // The worker beat a moment ago, and its connection is gone.
  await redis.zadd(`{${at.namespace}:intake}:beats`, String(Date.now()), "dead");
  redis.disconnect();
  await at.admit("r", "v");
  const terms = { requestsPerMinute: 700, credentials: "", passMs: 1000, requests: 1, batch: 1, unused: 0 };
  const order = { ...terms, leaseMs: 600_000, jobs: 1, gatherMs: 0, remember: false, session: "dead" };
  await at.door.lane("crm").claim(order);
  await at.work({ fences: true });
  expect(await at.ended(1)).toMatchObject({ applied: 1, pending: 0 });
});

test("a write that is confirmed after its flight was over makes its record doubtful", async ({ at }) => {
  let answerFirst = (): void => {};
  at.answer = (request, response) => {
    answerFirst = () => at.ok(request, response);
  };
  // The lease ends while the request is under way.
  await at.work({ timeoutMs: 20_000, fences: false, leaseMs: 26_000 });
  await at.admit("r", "old", 1n);
  await until(() => at.seen.length === 1);
  const redis = new Redis(inject("redisUrl"));
  const lane = `{${at.namespace}:crm}`;
  const [id] = await redis.zrange(`${lane}:due`, "0", "-1");
  await redis.zadd(`${lane}:due`, "1", id!);
  redis.disconnect();
  at.answer = at.ok;
  await at.ended(1);
  expect((await at.door.lane("crm").records.show("customer", KEY))?.isDoubtful).toBe(false);
  answerFirst();
  await until(async () => (await at.door.lane("crm").records.show("customer", KEY))?.isDoubtful === true);
});
