import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { openQueue, type DeadLetter, type GateState, type Queue } from "@sluice/queue";
import { createLog, systemClock, type Configuration } from "@sluice/runtime";
import { startWorker, type RunningWorker } from "./worker.ts";

/** A worker on a real Redis, against a destination that answers as each test says. */
let destination: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: { method: string; url: string; fence: string; atMs: number }[];
let bodies: WeakMap<IncomingMessage, unknown>;
let namespace: string;
let door: Queue;
let workers: RunningWorker[];
const log = createLog({ role: "test", level: "silent" });

beforeEach(async () => {
  seen = [];
  bodies = new WeakMap();
  workers = [];
  namespace = `worker-${randomUUID()}`;
  answer = ok;
  destination = createServer((request, response) => {
    const fence = String(request.headers["sluice-fence"]);
    seen.push({ method: request.method ?? "", url: request.url ?? "", fence, atMs: performance.now() });
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      bodies.set(request, text === "" ? null : JSON.parse(text));
      answer(request, response);
    });
  }).listen(0, "127.0.0.1");
  await once(destination, "listening");
  door = await openQueue({ ...queueOptions(), kind: "door" });
});
afterEach(async () => {
  await Promise.all(workers.map(async (worker) => await worker.close(0)));
  await door.close();
  destination.closeAllConnections();
  destination.close();
});

function queueOptions() {
  const hour = 3_600_000;
  return {
    redisUrl: inject("redisUrl"),
    destinations: ["crm", "down"],
    dedupeWindowMs: hour,
    orderingHorizonMs: hour,
    namespace,
    onError: (error: Error) => console.error(error),
  };
}

async function work({
  timeoutMs = 20_000,
  ...more
}: { leaseMs?: number; timeoutMs?: number } = {}): Promise<RunningWorker> {
  const { port } = destination.address() as AddressInfo;
  const configuration: Configuration = {
    sources: new Map(),
    objects: new Map(),
    versionSkewMs: 0,
    dedupeWindowMs: 3_600_000,
    orderingHorizonMs: 3_600_000,
    ack: "redis",
    redisMemoryBudget: { share: 0.8 },
    destinations: new Map(
      [
        { name: "crm", url: `http://127.0.0.1:${port}` },
        // Nobody listens there.
        { name: "down", url: "http://127.0.0.1:1" },
      ].map(({ name, url }) => [
        name,
        {
          name,
          kind: "zendesk",
          url,
          auth: { bearer: "t" },
          requestsPerMinute: 700,
          concurrency: 4,
          batch: 100,
          timeoutMs,
          retry: { maxAttempts: 20, deadlineMs: 86_400_000, firstDelayMs: 500, longestDelayMs: 60_000 },
          skipUnchanged: false,
        },
      ]),
    ),
  };
  const redisUrl = inject("redisUrl");
  const worker = await startWorker({ configuration, redisUrl, port: 0, clock: systemClock, log, namespace, ...more });
  workers.push(worker);
  return worker;
}

async function admit(record: string, value: string, version = 1n, to = "crm"): Promise<void> {
  await door.admission.admit([
    {
      event: { id: `${record}-${value}`, type: "t", time: null, source: "erp", data: null, headers: {} },
      rank: 0,
      receivedAtMs: 0,
      faults: [],
      changes: [
        {
          destination: to,
          object: "customer",
          key: { by: "external_id", value: record },
          version: { kind: "integer", value: version },
          effect: { kind: "fields", fields: new Map([["tier", value]]) },
        },
      ],
    },
  ]);
}

type Ended = { applied: number; dead: number; merged: number; pending: number; letters: readonly DeadLetter[] };

async function ended(count: number, deadlineMs = 15_000): Promise<Ended> {
  const sum = (bySource: ReadonlyMap<string, number> | undefined): number =>
    [...(bySource?.values() ?? [])].reduce((a, b) => a + b, 0);
  const end = performance.now() + deadlineMs;
  for (;;) {
    const { outcomes, open } = await door.lane("crm").numbers();
    const all = [...outcomes.values()].reduce((total, each) => total + sum(each), 0);
    if (all >= count) {
      const of = (outcome: "applied" | "dead" | "merged"): number => sum(outcomes.get(outcome));
      const letters = await Array.fromAsync(door.lane("crm").dead.all());
      return { applied: of("applied"), dead: of("dead"), merged: of("merged"), pending: sum(open), letters };
    }
    if (performance.now() > end) throw new Error(`${all} of ${count} ended after ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A write is confirmed; so is each item of a job, at once. */
function ok(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  if (request.method !== "POST") {
    response.end("{}");
    return;
  }
  const { items } = (bodies.get(request) as { job: { items: unknown[] } }).job;
  const results = items.map((_, index) => ({ index, status: "CreateOrUpdate" }));
  const job = { id: "j", status: "completed", total: items.length, progress: items.length, message: null, results };
  response.end(JSON.stringify({ job_status: job }));
}

function status(code: number, headers: Record<string, string> = {}, body = "{}"): typeof ok {
  return (_request, response) => response.writeHead(code, { "content-type": "application/json", ...headers }).end(body);
}

test("an outage opens the breaker; it spends no attempts, kills nothing, and all is written afterwards", async () => {
  answer = status(500);
  await work();
  for (let record = 0; record < 40; record += 1) await admit(`r${record}`, "v");
  const lane = door.lane("crm");
  const end = performance.now() + 10_000;
  let hold: GateState["hold"] = null;
  while (hold?.reason !== "breaker") {
    if (performance.now() > end) throw new Error("no hold");
    await new Promise((resolve) => setTimeout(resolve, 10));
    ({ hold } = (await lane.numbers()).gate);
  }
  const heldAt = performance.now();
  answer = ok;
  const { applied, dead, pending } = await ended(40, 30_000);
  expect({ applied, dead, pending }).toEqual({ applied: 40, dead: 0, pending: 0 });
  // Within a second everybody has stopped; then nothing arrived while it held.
  const during = seen.filter(({ atMs }) => atMs > heldAt + 1000 && atMs < heldAt + (hold?.forMs ?? 0) - 1000);
  expect(during).toEqual([]);
  // Far fewer calls failed than there were records: the others spent no attempt at all.
  expect(seen.length).toBeLessThan(40 + 20);
}, 60_000);

test("a 429 holds the destination for its whole Retry-After, and what came meanwhile goes out in the same write", async () => {
  let first = true;
  answer = (request, response) => {
    (first ? status(429, { "retry-after": "1", "content-type": "text/plain" }, "slow down") : ok)(request, response);
    first = false;
  };
  await work();
  await admit("r", "old", 1n);
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await admit("r", "new", 2n);
  await admit("other", "v");
  const { applied, dead } = await ended(3);
  expect({ applied, dead }).toEqual({ applied: 2, dead: 0 });
  expect(seen).toHaveLength(3);
  // Nothing of the destination was sent during the hold, not even another record.
  expect(seen[1]!.atMs - seen[0]!.atMs).toBeGreaterThanOrEqual(950);
});

test("refused credentials hold the destination, and no event dies", async () => {
  answer = status(401, {}, `{"error":"Couldn't authenticate you"}`);
  await work();
  await admit("r", "v");
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const end = performance.now() + 5000;
  while ((await door.lane("crm").numbers()).gate.hold === null && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 5));
  const { gate, open, deadRecords } = await door.lane("crm").numbers();
  expect(gate.hold?.reason).toBe("credentials");
  expect([...open.values()]).toEqual([1]);
  expect(deadRecords).toBe(0);
});

test("a refused record is a dead letter with its request, its answer and its reason", async () => {
  const body = '{"error":"RecordInvalid","description":"Record validation errors","details":{}}';
  answer = status(422, {}, body);
  await work();
  await admit("r 1", "v");
  const { dead, letters } = await ended(1);
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

test("a record over 32 KB is a dead letter, and no request is made for it", async () => {
  const worker = await work();
  await admit("big", "x".repeat(40_000));
  const { letters } = await ended(1);
  expect(letters).toMatchObject([{ reason: { code: "record_too_large" } }]);
  expect(seen).toEqual([]);
  expect(await (await fetch(`${worker.url}/metrics`)).text()).not.toMatch(/^sluice_destination_requests_total\{/m);
});

test("a conflict comes again, with a larger fencing token", async () => {
  let first = true;
  answer = (request, response) => {
    (first ? status(409) : ok)(request, response);
    first = false;
  };
  await work();
  await admit("r", "v");
  expect((await ended(1)).applied).toBe(1);
  expect(BigInt(seen[1]!.fence) > BigInt(seen[0]!.fence)).toBe(true);
});

test("no request starts on a lease that could end before it", async () => {
  const short = await work({ leaseMs: 10_000 });
  await admit("r", "v");
  // It is claimed and given back, again and again, until a worker with a long enough lease takes it.
  const claims = async (): Promise<bigint> => {
    const redis = new Redis(inject("redisUrl"));
    const [ledger] = await redis.keys(`{${namespace}:crm}:l:*`);
    const fence = ledger === undefined ? null : await redis.hget(ledger, "@fence");
    redis.disconnect();
    return BigInt(fence ?? 0);
  };
  while ((await claims()) === 0n) await new Promise((resolve) => setTimeout(resolve, 20));
  workers = [];
  await short.close(1000);
  expect(seen).toEqual([]);
  await work();
  expect((await ended(1)).applied).toBe(1);
});

test("a doorbell that was lost is rung again", async () => {
  await admit("r", "v");
  const redis = new Redis(inject("redisUrl"));
  const keys = await redis.keys(`{${namespace}:crm}:doorbell*`);
  await redis.del(...keys);
  redis.disconnect();
  await work();
  expect((await ended(1)).applied).toBe(1);
});

test("a stop gives unfinished work back, and the next worker does it", async () => {
  // It never answers: the stop's deadline has to cut it off.
  answer = () => {};
  const first = await work();
  await admit("r", "v");
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  workers = [];
  await first.close(50);
  answer = ok;
  await work();
  expect((await ended(1)).applied).toBe(1);
});

/** Admits records while the destination is held, so that more are due than may be in flight when it flows again. */
async function admitAtOnce(records: readonly string[]): Promise<void> {
  await door.gate("crm").hold(null, "operator");
  await Promise.all(records.map(async (record) => await admit(record, "v")));
  await door.gate("crm").resume();
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index}`);
const itemsOf = (request: IncomingMessage): { external_id: string }[] =>
  (bodies.get(request) as { job: { items: { external_id: string }[] } }).job.items;

test("what is due in plenty goes out in jobs: 10,000 events over 500 records are not 15 calls", async () => {
  const events = Array.from({ length: 20 }, (_, version) => version + 1);
  await door.gate("crm").hold(null, "operator");
  for (const version of events) {
    await Promise.all(names(500).map(async (record) => await admit(record, `v${version}`, BigInt(version))));
  }
  await door.gate("crm").resume();
  await work();
  const { applied, merged, dead, pending } = await ended(10_000, 30_000);
  expect({ all: applied + merged, dead, pending }).toEqual({ all: 500, dead: 0, pending: 0 });
  expect(seen.length).toBeLessThan(15);
}, 60_000);

test("an item that fails is alone in failing", async () => {
  answer = (request, response) => {
    if (request.method !== "POST") return ok(request, response);
    const results = itemsOf(request).map(({ external_id }, index) =>
      external_id === "r7"
        ? { index, status: "Failed", errors: [{ code: "RecordInvalid", title: "Record validation errors" }] }
        : { index, status: "CreateOrUpdate" },
    );
    const job = { id: "j", status: "completed", total: results.length, progress: results.length, results };
    response.writeHead(200).end(JSON.stringify({ job_status: job }));
  };
  await admitAtOnce(names(40));
  await work();
  const { applied, dead, letters } = await ended(40);
  expect({ applied, dead }).toEqual({ applied: 39, dead: 1 });
  expect(letters.map(({ key }) => key?.value)).toEqual(["r7"]);
});

test("a job that is refused whole is halved until the culprit stands alone", async () => {
  answer = (request, response) => {
    const poisoned =
      request.method === "POST"
        ? itemsOf(request).some(({ external_id }) => external_id === "r7")
        : request.url?.endsWith("=r7") === true;
    (poisoned ? status(422, {}, '{"error":"RecordInvalid","description":"no"}') : ok)(request, response);
  };
  await admitAtOnce(names(40));
  await work();
  const { applied, dead, letters } = await ended(40);
  expect({ applied, dead }).toEqual({ applied: 39, dead: 1 });
  expect(letters.map(({ key, reason }) => [key?.value, reason.code])).toEqual([["r7", "RecordInvalid"]]);
  expect(seen.length).toBeLessThan(25);
});

test("a job that takes its time is looked at until it ends, and its records are nobody else's meanwhile", async () => {
  let looks = 0;
  const job = (state: string, results: object[] | null): string =>
    JSON.stringify({ job_status: { id: "j", status: state, total: 39, progress: 0, message: null, results } });
  let items: object[] = [];
  answer = (request, response) => {
    if (request.method === "PATCH") return ok(request, response);
    if (request.method === "POST") {
      items = itemsOf(request).map((_, index) => ({ index, status: "CreateOrUpdate" }));
      response.writeHead(201).end(job("queued", null));
    } else {
      looks += 1;
      response.writeHead(200).end(looks < 6 ? job("working", null) : job("completed", items));
    }
  };
  await admitAtOnce(names(40));
  // The lease is shorter than the job takes.
  await work({ timeoutMs: 500 });
  await work({ timeoutMs: 500 });
  const { applied, dead } = await ended(40, 30_000);
  expect({ applied, dead }).toEqual({ applied: 40, dead: 0 });
  expect(looks).toBe(6);
  expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1);
}, 60_000);

test("a destination that is down does not hold another one, nor its records", async () => {
  await work();
  await Promise.all(names(30).map(async (record) => await admit(record, "v", 1n, "down")));
  const end = performance.now() + 15_000;
  while ((await door.lane("down").numbers()).gate.hold?.reason !== "breaker") {
    if (performance.now() > end) throw new Error("no hold");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await Promise.all(names(20).map(async (record) => await admit(`other ${record}`, "v")));
  const { applied, dead } = await ended(20);
  expect({ applied, dead }).toEqual({ applied: 20, dead: 0 });
  expect((await door.lane("crm").numbers()).gate).toEqual({ hold: null, allowed: null });
  const down = await door.lane("down").numbers();
  expect({ pending: down.pendingRecords, dead: down.deadRecords }).toEqual({ pending: 30, dead: 0 });
}, 60_000);

test("what a worker that died had claimed is written when its lease ends, though nobody rings", async () => {
  await admit("orphan", "v");
  const terms = { requestsPerMinute: 700, credentials: "", passMs: 1000, requests: 1, batch: 1, unused: 0 };
  await door.lane("crm").claim({ ...terms, leaseMs: 1500, jobs: 1, gatherMs: 0, remember: false });
  await work();
  expect(await ended(1)).toMatchObject({ applied: 1, pending: 0 });
});
