import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { ORDER } from "./claim-order.fixture.ts";
import { orderArguments, readClaimed, type ClaimAnswer, type Claimed } from "./claim-order.ts";
import { run } from "../connection/connection.ts";
import { MAX_CLAIMED } from "../limits.ts";
import { scriptsOf, type RecordGroup } from "../merging/merge-groups.ts";
import { weightOf } from "../merging/script-weight.ts";
import { openStillLane, stillRedis, type StillLane } from "../still-clock.fixture.ts";

/** Records of two hundred fields: a full group of them once held Redis for a quarter of a second. */
const redis = stillRedis(inject("redisUrl"));
let still: StillLane;
beforeEach(async () => {
  still = await openStillLane(redis);
});
afterAll(() => redis.disconnect());

const FIELDS = Object.fromEntries(Array.from({ length: 199 }, (_, at) => [`field_${at}`, "value"]));
const names = (count: number, prefix = "r"): string[] => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

type Taken = Extract<Claimed, { kind: "claimed" }>;

/** One script, without those that complete its job. */
async function oneScript(requests: number, batch: number): Promise<Taken> {
  const order = orderArguments({ ...ORDER, requests, batch }, { own: 0, heard: 0 });
  const answer = (await run(redis, "sluice_claimBuffer", still.tag, order)) as ClaimAnswer;
  return taken(readClaimed(answer, { destination: "crm", leaseEndsAt: 0, remember: false, state: null }) as Claimed);
}

function taken(claimed: Claimed): Taken {
  if (claimed.kind !== "claimed") throw new Error(JSON.stringify(claimed));
  return claimed;
}

test("one script claims some of the wide records that a job can carry, and says how many it can carry still", async () => {
  await still.admit(names(150), "erp", FIELDS);
  const { claims, further, left, requests } = await oneScript(1, 100);
  expect(claims.length).toBeGreaterThan(10);
  expect(claims.length).toBeLessThan(40);
  expect({ requests, left, further }).toEqual({ requests: 1, left: 150 - claims.length, further: 100 - claims.length });
});

test("a job of wide records is as full as one of narrow ones, for one request of the quota", async () => {
  await still.admit(names(150), "erp", FIELDS);
  const claimed = taken(await still.lane.claim({ ...ORDER, requests: 1, batch: 100 }));
  expect(claimed).toMatchObject({ requests: 1, left: 50, further: 0 });
  expect(new Set(claimed.claims.map(({ id }) => id)).size).toBe(100);
  expect(claimed.claims.every(({ snapshot }) => snapshot.fields.size === 199)).toBe(true);
  // A bucket that was full holds a twentieth of the quota; one request was taken from it.
  const [tokens] = await redis.hmget(`${still.tag}:gate`, "tokens");
  expect(Number(tokens)).toBe(ORDER.requestsPerMinute / 20 - 1);
  const settled = await Promise.all(claimed.claims.map(async (each) => await still.lane.settleFields(each)));
  expect(new Set(settled)).toEqual(new Set(["quiet"]));
});

test("a narrow group is claimed by one script, as ever", async () => {
  await still.admit(names(MAX_CLAIMED));
  const { claims, further } = await oneScript(2, 100);
  expect({ claimed: claims.length, further }).toEqual({ claimed: MAX_CLAIMED, further: 0 });
});

test("wide records that go one by one are claimed with requests of their own, the rest with the next ones", async () => {
  await still.admit(names(60), "erp", FIELDS);
  const { claims, requests, left, further } = taken(await still.lane.claim({ ...ORDER, requests: 60, batch: 1 }));
  expect(claims.length).toBeLessThan(40);
  expect({ requests, left, further }).toEqual({ requests: claims.length, left: 60 - claims.length, further: 0 });
});

test("a source is billed for what was claimed of it, not for what a script left for the next", async () => {
  await still.gate.shareOut(
    new Map([
      ["erp", 1],
      ["shop", 3],
    ]),
  );
  await still.admit(names(150, "e"), "erp", FIELDS);
  await still.admit(names(150, "s"), "shop", FIELDS);
  const { claims } = taken(await still.lane.claim({ ...ORDER, requests: 1, batch: 100 }));
  const of = (source: string): number => claims.filter(({ snapshot }) => snapshot.open.has(source)).length;
  expect({ erp: of("erp"), shop: of("shop") }).toEqual({ erp: 25, shop: 75 });
});

test("changes of wide records are merged by scripts of their own, of narrow ones by one for sixty", () => {
  const groupsOf = (fields: number): readonly RecordGroup[] =>
    Array.from({ length: 60 }, (_, at) => ({
      places: [at],
      parts: [],
      args: [],
      weight: weightOf(fields),
      bytes: 100,
    }));
  expect(scriptsOf(groupsOf(199))).toHaveLength(60);
  expect(scriptsOf(groupsOf(6))).toHaveLength(1);
});
