import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { startFleet, type Fleet } from "../fleet.ts";

/**
 * A whole Sluice towards an account of Zendesk, as far as the stand-in is one: OAuth, jobs that take time, and failures
 * on the way. One fleet for all; every test has its own records, and ends with every one of them compared.
 */
let fleet: Fleet;
const lines: string[] = [];
beforeAll(async () => {
  fleet = await startFleet({
    workers: 3,
    standIn: { plan: "enterprise-plus", jobQueuedMs: 200, jobWorkingMs: 200 },
    // Nothing lands later than a second after it was sent.
    destination: "    timeout: 4s\n    settle_after_silence: 6s",
    logTo: (line) => lines.push(line),
  });
});
afterEach(async () => await fleet.control("DELETE", "/faults"));
afterAll(async () => await fleet.close());
/** Holds are real time, and other tests run beside these. */
const PATIENT = { timeout: 180_000 };

let sent = 0;
/** Sends customers' newest tier, all of them at once. */
async function burst(ids: readonly number[], tier: string): Promise<void> {
  const version = new Date(Date.parse("2026-11-24T08:00:00Z") + (sent += 1) * 1000).toISOString();
  const answers = await Promise.all(
    ids.map(async (id) => {
      const data = { id, name: `Customer ${id}`, version, tier };
      return await fleet.send({ id: `evt-${sent}-${id}`, type: "customer.updated", data });
    }),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
}

/** Records gather while a destination is held: after the hold they go out in jobs. */
async function burstInJobs(ids: readonly number[], tier: string): Promise<void> {
  await fleet.control("POST", "/faults", { method: "PATCH", status: 429, retryAfter: 1 });
  await burst(ids.slice(0, 1), tier);
  await burst(ids, tier);
}

let given = 0;
/** Customers that no other test has. */
function customers(count: number): number[] {
  return Array.from({ length: count }, () => (given += 1));
}

let dead = 0;
/** Each of the customers is there once, with the last sent tier, and none has died. */
async function arrived(ids: readonly number[], tier: string): Promise<void> {
  const { outcomes } = await fleet.drained();
  expect(outcomes["dead"]).toBe(dead);
  const keys = new Set(ids.map((id) => `c-${id}`));
  const found = (await fleet.recordsOf("customer")).filter(({ external_id: id }) => keys.has(id ?? ""));
  expect(found).toHaveLength(ids.length);
  expect(new Set(found.map((record) => record.custom_object_fields["tier"]))).toEqual(new Set([tier]));
}

const state = async () => await fleet.control("GET", "");
const asked = async (kind: string): Promise<number> => (await state()).requests.asked[kind] ?? 0;

test("an access token that ends while records are written is replaced once for the fleet", PATIENT, async () => {
  const ids = customers(60);
  await burst(ids, "before");
  await fleet.drained();
  expect((await state()).tokensIssued).toBe(1);
  const under = burst(ids, "after");
  await fleet.control("DELETE", "/tokens");
  await under;
  await arrived(ids, "after");
  expect((await state()).tokensIssued).toBe(2);
});

test("answers that are lost after the commit are asked for again, and each record is there once", PATIENT, async () => {
  await fleet.control("POST", "/faults", { method: "PATCH", path: "external_id", drop: "after commit", count: 2 });
  const ids = customers(60);
  await burst(ids, "gold");
  await arrived(ids, "gold");
});

test("no secret is in a log line, an answer, a metric or Redis, whatever goes wrong", PATIENT, async () => {
  const faults = [
    { path: "/api/v2", status: 401, body: { error: "Couldn't authenticate you" } },
    { path: "/api/v2", status: 500, body: "<html>it broke</html>" },
    { status: 422, body: { error: "RecordInvalid", description: "Record validation errors" }, method: "PATCH" },
    { drop: "before" },
    { path: "/oauth", status: 500 },
  ];
  for (const fault of faults) await fleet.control("POST", "/faults", fault);
  await fleet.control("DELETE", "/tokens");
  await burst(customers(20), "tin");
  await fleet.drained();
  // A record by itself goes by a PATCH: all of those before may have gone by jobs.
  await burst(customers(1), "tin");
  const { outcomes } = await fleet.drained();
  dead = outcomes["dead"] ?? 0;
  expect(dead).toBe(1);
  const pages = await Promise.all(
    [fleet.ingress, ...fleet.workers].flatMap((url) =>
      ["/metrics", "/readyz", "/healthz"].map(async (path) => await (await fetch(url + path)).text()),
    ),
  );
  const kept = await everythingInRedis(fleet.namespace);
  expect(lines.length).toBeGreaterThan(20);
  expect(kept).toContain("tin");
  // Every access token of the store begins with its client's name, encoded.
  const accessToken = Buffer.from('["sluice",').toString("base64url").slice(0, 12);
  for (const secret of [fleet.token, accessToken, "Bearer ", "Basic "]) {
    for (const text of [...lines, ...pages, kept]) expect(text).not.toContain(secret);
  }
});

test("a 429 in plain text holds the fleet, and nothing dies of it", PATIENT, async () => {
  const body = "Number of allowed API requests per minute exceeded";
  await fleet.control("POST", "/faults", { status: 429, retryAfter: 1, body, count: 3 });
  const ids = customers(30);
  await burst(ids, "gold");
  await arrived(ids, "gold");
});

test(
  "many records go out in jobs that several workers follow, also where a job's answer is lost",
  PATIENT,
  async () => {
    await fleet.control("POST", "/faults", { method: "POST", path: "/jobs", drop: "after commit" });
    const before = { jobs: await asked("POST jobs"), single: await asked("PATCH records") };
    const ids = customers(120);
    await burstInJobs(ids, "gold");
    await arrived(ids, "gold");
    const jobs = (await asked("POST jobs")) - before.jobs;
    expect(jobs).toBeGreaterThan(0);
    expect(jobs + (await asked("PATCH records")) - before.single).toBeLessThan(120);
    expect(await asked("GET job_statuses")).toBeGreaterThan(0);
  },
);

test("jobs whose own pages can't be read are found in the list", PATIENT, async () => {
  await fleet.control("POST", "/faults", { path: "/job_statuses/", status: 404, count: 10_000 });
  const before = { jobs: await asked("POST jobs"), lists: await asked("GET records") };
  const ids = customers(40);
  await burstInJobs(ids, "gold");
  await fleet.drained();
  expect(await asked("POST jobs")).toBeGreaterThan(before.jobs);
  // The records were not read back.
  expect(await asked("GET records")).toBe(before.lists);
  await arrived(ids, "gold");
});

test("jobs that can be read nowhere are settled by what their records show", PATIENT, async () => {
  await fleet.control("POST", "/faults", { path: "/job_statuses", status: 404, count: 10_000 });
  const before = { jobs: await asked("POST jobs"), lists: await asked("GET records") };
  const ids = customers(40);
  await burstInJobs(ids, "gold");
  await fleet.drained();
  expect(await asked("POST jobs")).toBeGreaterThan(before.jobs);
  expect(await asked("GET records")).toBeGreaterThan(before.lists);
  await arrived(ids, "gold");
});

/** Every value of the fleet's keys, dead letters among them. */
async function everythingInRedis(namespace: string): Promise<string> {
  const redis = new Redis(inject("redisUrl"));
  try {
    const keys = await redis.keys(`*${namespace}*`);
    const values = await Promise.all(
      keys.map(async (key) => {
        switch (await redis.type(key)) {
          case "string":
            return [await redis.get(key)];
          case "hash":
            return await redis.hgetall(key);
          case "list":
            return await redis.lrange(key, 0, -1);
          case "set":
            return await redis.smembers(key);
          case "zset":
            return await redis.zrange(key, "0", "-1");
          case "stream":
            return await redis.xrange(key, "-", "+");
          default:
            return [];
        }
      }),
    );
    return JSON.stringify([keys, values]);
  } finally {
    redis.disconnect();
  }
}
