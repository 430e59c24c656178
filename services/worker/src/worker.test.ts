import { Redis } from "ioredis";
import { inject } from "vitest";
import type { GateState } from "@sluice/queue";
import { names, status, test } from "./worker.fixture.ts";

/** A worker on a real Redis, against a destination that answers as each test says. */

test.concurrent("an outage opens the breaker; it spends no attempts, kills nothing, and all is written afterwards", async ({
  at,
  expect,
}) => {
  at.answer = status(500);
  await at.work();
  for (let record = 0; record < 40; record += 1) await at.admit(`r${record}`, "v");
  const lane = at.door.lane("crm");
  const end = performance.now() + 60_000;
  let hold: GateState["hold"] = null;
  while (hold?.reason !== "breaker") {
    if (performance.now() > end) throw new Error("no hold");
    await new Promise((resolve) => setTimeout(resolve, 10));
    ({ hold } = (await lane.numbers()).gate);
  }
  at.answer = at.ok;
  const { applied, dead, pending } = await at.ended(40);
  expect({ applied, dead, pending }).toEqual({ applied: 40, dead: 0, pending: 0 });
  // Nothing arrived during the hold, but for requests that were on their way when it began.
  const gaps = at.seen.slice(1).map(({ atMs }, index) => atMs - at.seen[index]!.atMs);
  expect(Math.max(...gaps)).toBeGreaterThan(hold.forMs! - 2000);
  // Far fewer calls failed than there were records: the others spent no attempt at all.
  expect(at.seen.length).toBeLessThan(40 + 20);
});

test.concurrent("a 429 holds the destination for its whole Retry-After, and what came meanwhile goes out in the same write", async ({
  at,
  expect,
}) => {
  let first = true;
  at.answer = (request, response) => {
    (first ? status(429, { "retry-after": "1", "content-type": "text/plain" }, "slow down") : at.ok)(request, response);
    first = false;
  };
  await at.work();
  await at.admit("r", "old", 1n);
  while (at.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await at.admit("r", "new", 2n);
  await at.admit("other", "v");
  const { applied, dead } = await at.ended(3);
  expect({ applied, dead }).toEqual({ applied: 2, dead: 0 });
  expect(at.seen).toHaveLength(3);
  // Nothing of the destination was sent during the hold, not even another record.
  expect(at.seen[1]!.atMs - at.seen[0]!.atMs).toBeGreaterThanOrEqual(950);
});

test.concurrent("refused credentials hold the destination, and no event dies", async ({ at, expect }) => {
  at.answer = status(401, {}, `{"error":"Couldn't authenticate you"}`);
  await at.work();
  await at.admit("r", "v");
  while (at.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const end = performance.now() + 60_000;
  while ((await at.door.lane("crm").numbers()).gate.hold === null && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 5));
  const { gate, open, deadRecords } = await at.door.lane("crm").numbers();
  expect(gate.hold?.reason).toBe("credentials");
  expect([...open.values()]).toEqual([1]);
  expect(deadRecords).toBe(0);
});

test.concurrent("a refused record is a dead letter with its request, its answer and its reason", async ({
  at,
  expect,
}) => {
  const body = '{"error":"RecordInvalid","description":"Record validation errors","details":{}}';
  at.answer = status(422, {}, body);
  await at.work();
  await at.admit("r 1", "v");
  const { dead, letters } = await at.ended(1);
  expect(dead).toBe(1);
  expect(letters).toMatchObject([
    {
      destination: "crm",
      object: "customer",
      key: { by: "external_id", value: "r 1" },
      reason: { code: "RecordInvalid" },
      events: [{ source: "erp", id: "r 1-v" }],
      request: { method: "PATCH", body: { custom_object_record: { custom_object_fields: { tier: "v" } } } },
      response: { status: 422, body: JSON.parse(body) as object },
    },
  ]);
});

test.concurrent("a record over 32 KB is a dead letter, and no request is made for it", async ({ at, expect }) => {
  const worker = await at.work();
  await at.admit("big", "x".repeat(40_000));
  const { letters } = await at.ended(1);
  expect(letters).toMatchObject([{ reason: { code: "record_too_large" } }]);
  expect(at.seen).toEqual([]);
  expect(await (await fetch(`${worker.url}/metrics`)).text()).not.toMatch(/^sluice_destination_requests_total\{/m);
});

test.concurrent("a conflict comes again, with a larger fencing token", async ({ at, expect }) => {
  let first = true;
  at.answer = (request, response) => {
    (first ? status(409) : at.ok)(request, response);
    first = false;
  };
  await at.work();
  await at.admit("r", "v");
  expect((await at.ended(1)).applied).toBe(1);
  expect(BigInt(at.seen[1]!.fence) > BigInt(at.seen[0]!.fence)).toBe(true);
});

test.concurrent("a token that the destination has passed is followed by a higher one: no event dies of it, however few attempts there are", async ({
  at,
  expect,
}) => {
  const ahead = BigInt(Date.now() + 3_600_000) * 1000n;
  const STALE = { error: "StaleFence", description: "too late", newest_fence: String(ahead) };
  at.answer = (request, response) => {
    if (request.method === "POST") return status(404, {}, '{"error":"InvalidEndpoint"}')(request, response);
    const isStale = BigInt(String(request.headers["sluice-fence"])) <= ahead;
    (isStale ? status(409, {}, JSON.stringify(STALE)) : at.ok)(request, response);
  };
  await at.work({ maxAttempts: 1 });
  await Promise.all(names(20).map(async (record) => await at.admit(record, "v")));
  expect(await at.ended(20)).toMatchObject({ applied: 20, dead: 0, pending: 0 });
});

test.concurrent("no request starts on a lease that could end before it", async ({ at, expect }) => {
  const short = await at.work({ leaseMs: 10_000 });
  await at.admit("r", "v");
  // The record is claimed and given back, again and again, until a worker with a long enough lease takes it.
  const claims = async (): Promise<bigint> => {
    const redis = new Redis(inject("redisUrl"));
    const [ledger] = await redis.keys(`{${at.namespace}:crm}:l:*`);
    const fence = ledger === undefined ? null : await redis.hget(ledger, "@fence");
    redis.disconnect();
    return BigInt(fence ?? 0);
  };
  while ((await claims()) === 0n) await new Promise((resolve) => setTimeout(resolve, 20));
  await short.close(1000);
  expect(at.seen).toEqual([]);
  await at.work();
  expect((await at.ended(1)).applied).toBe(1);
});

test.concurrent("a stop gives unfinished work back, and the next worker does it", async ({ at, expect }) => {
  // The destination never answers: the stop's deadline has to cut the request off.
  at.answer = () => {};
  const first = await at.work();
  await at.admit("r", "v");
  while (at.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await first.close(50);
  at.answer = at.ok;
  await at.work();
  expect((await at.ended(1)).applied).toBe(1);
});

test.concurrent("what is due in plenty goes out in jobs: 10,000 events over 500 records are not 15 calls", async ({
  at,
  expect,
}) => {
  const events = Array.from({ length: 20 }, (_, version) => version + 1);
  await at.door.gate("crm").hold(null, "operator");
  for (const version of events) {
    await Promise.all(names(500).map(async (record) => await at.admit(record, `v${version}`, BigInt(version))));
  }
  await at.door.gate("crm").resume();
  await at.work();
  const { applied, merged, dead, pending } = await at.ended(10_000);
  expect({ all: applied + merged, dead, pending }).toEqual({ all: 500, dead: 0, pending: 0 });
  expect(at.seen.length).toBeLessThan(15);
});

test.concurrent("an item that fails is alone in failing", async ({ at, expect }) => {
  at.answer = (request, response) => {
    if (request.method !== "POST") return at.ok(request, response);
    const results = at
      .itemsOf(request)
      .map(({ external_id }, index) =>
        external_id === "r7"
          ? { index, status: "Failed", errors: [{ code: "RecordInvalid", title: "Record validation errors" }] }
          : { index, status: "CreateOrUpdate" },
      );
    const job = { id: "j", status: "completed", total: results.length, progress: results.length, results };
    response.writeHead(200).end(JSON.stringify({ job_status: job }));
  };
  await at.admitAtOnce(names(40));
  await at.work();
  const { applied, dead, letters } = await at.ended(40);
  expect({ applied, dead }).toEqual({ applied: 39, dead: 1 });
  expect(letters.map(({ key }) => key?.value)).toEqual(["r7"]);
});

test.concurrent("a job that is refused whole is halved until the culprit stands alone", async ({ at, expect }) => {
  at.answer = (request, response) => {
    const poisoned =
      request.method === "POST"
        ? at.itemsOf(request).some(({ external_id }) => external_id === "r7")
        : request.url?.endsWith("=r7") === true;
    (poisoned ? status(422, {}, '{"error":"RecordInvalid","description":"no"}') : at.ok)(request, response);
  };
  await at.admitAtOnce(names(40));
  await at.work();
  const { applied, dead, letters } = await at.ended(40);
  expect({ applied, dead }).toEqual({ applied: 39, dead: 1 });
  expect(letters.map(({ key, reason }) => [key?.value, reason.code])).toEqual([["r7", "RecordInvalid"]]);
  expect(at.seen.length).toBeLessThan(25);
});

test.concurrent("a job that takes its time is looked at until it ends, and its records are nobody else's meanwhile", async ({
  at,
  expect,
}) => {
  let looks = 0;
  const job = (state: string, results: object[] | null): string =>
    JSON.stringify({ job_status: { id: "j", status: state, total: 39, progress: 0, message: null, results } });
  let items: object[] = [];
  at.answer = (request, response) => {
    if (request.method === "PATCH") return at.ok(request, response);
    if (request.method === "POST") {
      items = at.itemsOf(request).map((_, index) => ({ index, status: "CreateOrUpdate" }));
      response.writeHead(201).end(job("queued", null));
    } else {
      looks += 1;
      response.writeHead(200).end(looks < 6 ? job("working", null) : job("completed", items));
    }
  };
  await at.admitAtOnce(names(40));
  // The lease is shorter than the job takes.
  await at.work({ timeoutMs: 5000 });
  await at.work({ timeoutMs: 5000 });
  const { applied, dead } = await at.ended(40);
  expect({ applied, dead }).toEqual({ applied: 40, dead: 0 });
  expect(looks).toBe(6);
  expect(at.seen.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test.concurrent("a destination that is down does not hold another one, nor its records", async ({ at, expect }) => {
  await at.work();
  await Promise.all(names(30).map(async (record) => await at.admit(record, "v", 1n, "down")));
  const end = performance.now() + 60_000;
  while ((await at.door.lane("down").numbers()).gate.hold?.reason !== "breaker") {
    if (performance.now() > end) throw new Error("no hold");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await Promise.all(names(20).map(async (record) => await at.admit(`other ${record}`, "v")));
  const { applied, dead } = await at.ended(20);
  expect({ applied, dead }).toEqual({ applied: 20, dead: 0 });
  expect((await at.door.lane("crm").numbers()).gate).toEqual({ hold: null, allowed: null });
  const down = await at.door.lane("down").numbers();
  expect({ pending: down.pendingRecords, dead: down.deadRecords }).toEqual({ pending: 30, dead: 0 });
});

test.concurrent("what a worker that died had claimed is written when its lease ends, though nobody rings", async ({
  at,
  expect,
}) => {
  await at.admit("orphan", "v");
  const terms = { requestsPerMinute: 700, credentials: "", passMs: 1000, requests: 1, batch: 1, unused: 0 };
  await at.door.lane("crm").claim({ ...terms, leaseMs: 1500, jobs: 1, gatherMs: 0, remember: false, session: "s" });
  await at.work();
  expect(await at.ended(1)).toMatchObject({ applied: 1, pending: 0 });
});
