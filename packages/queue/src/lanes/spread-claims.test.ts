import fc from "fast-check";
import { afterAll, expect, inject, test } from "vitest";
import { run } from "../connection/connection.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import type { Claimed, Claimer, ClaimOrder } from "../claims/claim-order.ts";
import { GRANTED_FOR_MS, MAX_CLAIMED } from "../limits.ts";
import { openStillLane, stillRedis, type StillLane } from "../still-clock.fixture.ts";
import { createSpreadClaims, portionsOf } from "./spread-claims.ts";
import { placeOf } from "./tags.ts";

/** Claims of a destination with several lanes, on a real Redis whose clock the tests set. */
const redis = stillRedis(inject("redisUrl"));
afterAll(() => redis.disconnect());

const names = (count: number, prefix = "r"): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

async function claim(
  still: StillLane,
  order: Partial<ClaimOrder> = {},
): Promise<Extract<Claimed, { kind: "claimed" }>> {
  const claimed = await still.lane.claim({ ...ORDER, ...order });
  if (claimed.kind !== "claimed") throw new Error(JSON.stringify(claimed));
  return claimed;
}

test.for<[string, [records: number, waitedMs: number][], number, number | null, number[]]>([
  [
    "as many as each has",
    [
      [2, 5],
      [3, 9],
    ],
    5,
    null,
    [2, 3],
  ],
  [
    "alike where there are fewer requests",
    [
      [9, 5],
      [9, 9],
    ],
    6,
    null,
    [3, 3],
  ],
  [
    "what one lacks goes to the others",
    [
      [1, 5],
      [9, 9],
      [9, 1],
    ],
    9,
    null,
    [1, 4, 4],
  ],
  [
    "a single one from the lane that has waited longest",
    [
      [4, 5],
      [4, 9],
    ],
    1,
    null,
    [0, 1],
  ],
  [
    "a probe from another lane than that of the record it passes over",
    [
      [1, 9],
      [1, 5],
    ],
    1,
    0,
    [0, 1],
  ],
  [
    "a probe with that record where it is the only one",
    [
      [1, 9],
      [0, -5],
    ],
    1,
    0,
    [1, 0],
  ],
  [
    "no more than a script claims",
    [
      [900, 1],
      [1, 1],
    ],
    900,
    null,
    [MAX_CLAIMED, 1],
  ],
])("of the due records of several lanes are asked for %s", ([_what, dues, records, avoid, portions]) => {
  const told = dues.map(([due, waitedMs]) => ({ records: due, waitedMs }));
  expect(portionsOf(told, records, avoid)).toEqual(portions);
});

test("a worker that dies between its grant and its claims loses the requests and nothing else, and they come back in time", async () => {
  const still = await openStillLane(redis, 4);
  await still.admit(names(20));
  // A hundred a minute allows five at once.
  const limits = [100, 8, 1, 0, "", 1000, 0, 30];
  expect(await run(redis, "sluice_grant", still.tag, [...limits, 20, 0])).toEqual(["granted", 5, [], 5, "", "", ""]);
  expect(await still.lane.claim({ ...ORDER, requests: 8, requestsPerMinute: 100 })).toMatchObject({ kind: "wait" });
  expect((await still.lane.numbers()).pendingRecords).toBe(20);
  await still.passTime(4000);
  expect((await claim(still, { requests: 8, requestsPerMinute: 100 })).claims.length).toBeGreaterThan(4);
});

test("the pass of a probe whose worker died before it claimed ends by its time, and another one tries", async () => {
  const still = await openStillLane(redis, 4);
  await still.admit(names(20));
  await still.gate.hold(1, "breaker");
  await still.passTime(5);
  const limits = [100_000, 8, 1, 0, "", 1000, 0, 30];
  const granted = await run(redis, "sluice_grant", still.tag, [...limits, 20, 0]);
  expect(granted).toEqual(["granted", 1, ["1"], 1, "1", expect.any(String), ""]);
  expect(await still.lane.claim({ ...ORDER, requests: 8 })).toEqual({ kind: "wait", forMs: 1000 });
  await still.passTime(1001);
  const { claims, passes } = await claim(still, { requests: 8 });
  expect([claims.length, passes]).toEqual([1, ["2"]]);
});

test("requests that were not sent go back also when nothing is due, and their worker waits until something is", async () => {
  const still = await openStillLane(redis, 4);
  const order = { ...ORDER, requests: 8, requestsPerMinute: 100 };
  await still.admit(names(5));
  expect((await claim(still, order)).claims).toHaveLength(5);
  expect(await still.lane.claim({ ...order, unused: 3 })).toEqual({ kind: "wait", forMs: ORDER.leaseMs });
  await still.admit(["a", "b", "c", "d"]);
  expect((await claim(still, order)).claims).toHaveLength(3);
});

test("a job that carries records of several lanes keeps each one's place in it", async () => {
  const still = await openStillLane(redis, 4);
  await still.admit(names(8));
  const { claims } = await claim(still, { requests: 1, batch: 100 });
  expect(new Set(claims.map(({ id }) => placeOf(id, 4))).size).toBeGreaterThan(2);
  const kept = await still.lane.extend(claims, 60_000, "job 1");
  expect(kept.map(({ id }) => id)).toEqual(claims.map(({ id }) => id));
  await still.lane.announceJob([], 1000);
  await still.passTime(60_001);
  const again = await claim(still, { requests: 1, batch: 100 });
  const places = new Map(again.claims.map(({ id, job }) => [id, [job?.job, job?.place, job?.of]]));
  expect(places).toEqual(new Map(claims.map(({ id }, place) => [id, ["job 1", place, 8]])));
});

/** A worker with so many granted requests that it has not sent. */
function idleClaimer(unused: number): Claimer & { readonly taken: (Claimed | Error)[] } {
  const taken: (Claimed | Error)[] = [];
  return {
    taken,
    unused: () => unused,
    order: () => ({ ...ORDER, requests: 8, unused }),
    take: (claimed) => void taken.push(claimed),
  };
}

test("a merge claims what it merged with requests that were granted before, and asks for none", async () => {
  const still = await openStillLane(redis, 4);
  await still.admit(["first"]);
  await claim(still, { requests: 8 });
  const tokens = await redis.hget(`${still.tag}:gate`, "tokens");
  const worker = idleClaimer(7);
  still.lane.claimWith(worker);
  await still.admit(["second"]);
  expect(worker.taken).toMatchObject([{ kind: "claimed", requests: 7, passes: [], claims: [{ attempts: 0 }] }]);
  expect(await redis.hget(`${still.tag}:gate`, "tokens")).toBe(tokens);
});

test("a merge claims nothing with requests of a recovery, nor with none, nor with old ones", async () => {
  const still = await openStillLane(redis, 4);
  const worker = idleClaimer(7);
  still.lane.claimWith(worker);
  await still.admit(["never granted"]);
  await still.gate.hold(1, "breaker");
  await still.passTime(5);
  expect((await claim(still, { requests: 8 })).passes).toEqual(["1"]);
  await still.admit(["in a recovery"]);
  const other = await openStillLane(redis, 4);
  await other.admit(["first"]);
  await claim(other, { requests: 8 });
  other.lane.claimWith(worker);
  await new Promise((resolve) => setTimeout(resolve, GRANTED_FOR_MS + 50));
  await other.admit(["too late"]);
  expect(worker.taken).toEqual([]);
});

test("what a silent destination was held for is known to the destination, whichever lane has the record", async () => {
  const still = await openStillLane(redis, 4);
  await still.admit(names(4));
  const { claims } = await claim(still, { requests: 4 });
  for (const each of claims) {
    await still.lane.wait(each, 0, { spent: true, blamed: true, why: "timeout" });
    expect(await redis.hget(`${still.tag}:gate`, "blamed")).toBe(each.id);
  }
});

test("a hold's time is not the record's own, whichever lane has the record", async () => {
  const still = await openStillLane(redis, 4);
  await still.admit(names(8));
  for (const each of (await claim(still, { requests: 8 })).claims) await still.lane.wait(each, 0, { spent: true });
  await still.gate.hold(60_000, "breaker");
  await still.passTime(60_001);
  const [probe] = (await claim(still, { requests: 8 })).passes;
  await still.gate.report(probe!, "good");
  const released = Number(await redis.hget(`${still.tag}:gate`, "released"));
  const { claims } = await claim(still, { requests: 8 });
  expect(claims.map(({ failingSinceMs }) => failingSinceMs)).toEqual([released, released]);
  const places = claims.map(({ id }) => placeOf(id, 4));
  expect(places.some((place) => place > 0)).toBe(true);
});

/** The half second in which merges may use them, and the second after which a worker looks again. */
const LOOKS_WITHIN_MS = GRANTED_FOR_MS + 1000;

test("however many workers ask, and whatever they give back, no 60 seconds see more requests than the limit", async () => {
  const seed = Number(process.env["SLUICE_TEST_SEED"]);
  console.log(`quota over lanes, seed ${seed}`);
  const step = fc.record({
    worker: fc.nat({ max: 2 }),
    pauseMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 3000 })),
    wanted: fc.integer({ min: 1, max: 40 }),
    unused: fc.integer({ min: 0, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 20, max: 600 }),
      fc.array(step, { minLength: 80, maxLength: 120 }),
      async (requestsPerMinute, steps) => {
        const still = await openStillLane(redis, 4);
        const workers = [still.lane, still.another(), still.another()].map((lane) => ({ lane, back: 0, sinceMs: 0 }));
        const sentAt: number[] = [];
        await still.admit(names(40));
        const look = async (worker: (typeof workers)[number], wanted: number, unused: number): Promise<void> => {
          const terms = { requests: wanted, unused: worker.back, requestsPerMinute, leaseMs: 0 };
          const claimed = await worker.lane.claim({ ...ORDER, ...terms });
          worker.back = 0;
          if (claimed.kind !== "claimed") return;
          worker.back = Math.min(unused, claimed.requests);
          worker.sinceMs = still.nowMs();
          for (let sent = worker.back; sent < claimed.requests; sent += 1) sentAt.push(still.nowMs());
        };
        for (const { worker, pauseMs, wanted, unused } of steps) {
          const nextMs = still.nowMs() + pauseMs;
          // A worker looks again within a second and a half, and gives back then what it has not sent.
          const late = workers.filter(({ back, sinceMs }) => back > 0 && sinceMs + LOOKS_WITHIN_MS < nextMs);
          for (const each of late.toSorted((x, y) => x.sinceMs - y.sinceMs)) {
            await still.passTime(Math.max(0, each.sinceMs + LOOKS_WITHIN_MS - still.nowMs()));
            await look(each, 1, 0);
          }
          await still.passTime(nextMs - still.nowMs());
          await look(workers[worker]!, wanted, unused);
        }
        for (const [index, from] of sentAt.entries()) {
          const within = sentAt.slice(index).filter((at) => at < from + 60_000).length;
          expect(within).toBeLessThanOrEqual(requestsPerMinute);
        }
      },
    ),
    { seed, numRuns: 6 },
  );
});

test("a single record of all lanes tries after a hold, also where a request carries many", async () => {
  const still = await openStillLane(redis, 4);
  await still.admit(names(12));
  await still.gate.hold(1, "breaker");
  await still.passTime(5);
  expect((await claim(still, { requests: 8, batch: 100 })).claims).toHaveLength(1);
});

test("requests that a merge has under way while others are granted are not taken for young when they come back", async () => {
  const still = await openStillLane(redis, 4);
  await still.admit(["first"]);
  const claims = createSpreadClaims({
    redis,
    tags: still.tags,
    claimAt: async () => ({ kind: "wait", forMs: 1 }),
    stateCheck: { isDone: true },
    onError: (error) => console.error(error),
  });
  await claims.claim({ ...ORDER, requests: 8 });
  const worker = idleClaimer(7);
  const merges = claims.atMerges(worker);
  const flying = merges.order();
  expect(flying).toMatchObject({ unused: 0, granted: { records: 7 } });
  await new Promise((resolve) => setTimeout(resolve, GRANTED_FOR_MS + 50));
  await claims.claim({ ...ORDER, requests: 8 });
  merges.take({ kind: "wait", forMs: 1 }, flying!);
  expect(worker.taken).toMatchObject([{ kind: "claimed", claims: [], requests: 7 }]);
  expect(merges.order()).toBeNull();
  await claims.claim({ ...ORDER, requests: 8 });
  expect(merges.order()).not.toBeNull();
});
