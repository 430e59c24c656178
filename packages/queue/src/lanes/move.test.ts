import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, expect, inject, test } from "vitest";
import { readVersion, type Change, type ChangeEffect, type MappedEvent } from "@sluice/record";
import { nextArrival } from "../arrival.fixture.ts";
import { createAcknowledgement } from "../server/acknowledgement.ts";
import { isBalanced } from "../books/audit.ts";
import type { Claim } from "../claims/claim.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { run } from "../connection/connection.ts";
import { recordId } from "../identity.ts";
import { createLane, type Lane } from "../lane.ts";
import { laneTag } from "./tags.ts";
import { createMerging } from "../merging/merging.ts";
import { stillRedis } from "../still-clock.fixture.ts";
import { createRemoval } from "./removal.ts";

/** A lane that was renamed, on a real Redis whose clock the tests set: what it held goes on under its new name. */
const redis = stillRedis(inject("redisUrl"));
afterAll(() => redis.disconnect());

const DAY_MS = 86_400_000;
const KEY = { by: "external_id", value: "r" } as const;
const ID = recordId("customer", KEY);

async function openTwo() {
  const namespace = `move-${randomUUID()}`;
  const tags = { old: laneTag(namespace, "old"), new: laneTag(namespace, "new") };
  let nowMs = Date.UTC(2026, 0, 1);
  const setClocks = async (): Promise<void> => {
    for (const tag of Object.values(tags)) await redis.set(`${tag}:clock`, `${nowMs}000`);
  };
  await setClocks();
  const open = (destination: string): Lane =>
    createLane(redis, {
      namespace,
      destination,
      dedupeWindowMs: DAY_MS,
      orderingHorizonMs: DAY_MS,
      acknowledgement: createAcknowledgement(redis, "redis"),
    });
  const lanes = { old: open("old"), new: open("new") };
  const removal = createRemoval(redis, {
    namespace,
    tag: `{${namespace}:intake}`,
    laneAt: (name) => lanes[name as "old"],
    dedupeWindowMs: DAY_MS,
    orderingHorizonMs: DAY_MS,
    onRemoved: () => {},
  });
  const mergings = { old: createMerging(() => lanes.old), new: createMerging(() => lanes.new) };
  const eventOf = (id: string, version: number, effect: ChangeEffect): MappedEvent => {
    const read = readVersion(version);
    if ("fault" in read) throw new Error(read.fault);
    const change: Change = { destination: "old", object: "customer", key: KEY, version: read, effect };
    const event = { id, type: "t", time: null, source: version % 2 === 0 ? "erp" : "shop", data: null, headers: {} };
    return { event, rank: 0, arrival: nextArrival(), run: 0, changes: [change], faults: [] };
  };
  return {
    tags,
    lanes,
    removal,
    async passTime(ms: number) {
      nowMs += ms;
      await setClocks();
    },
    eventOf,
    async merge(name: "old" | "new", event: MappedEvent) {
      const [word] = await mergings[name].merge([event]);
      return word!;
    },
    async claim(name: "old" | "new"): Promise<Claim | undefined> {
      const claimed = await lanes[name].claim(ORDER);
      return claimed.kind === "claimed" ? claimed.claims[0] : undefined;
    },
    move: async () => await removal.move("old", "new", () => {}),
    async books(name: "old" | "new") {
      const accounts = await lanes[name].audit(() => {});
      expect(accounts.every(isBalanced), JSON.stringify(accounts)).toBe(true);
      return accounts.reduce((sum, { accepted }) => sum + accepted, 0);
    },
  };
}

const fields = (of: Record<string, string>): ChangeEffect => ({ kind: "fields", fields: new Map(Object.entries(of)) });

test("what was pending under the old name is written under the new one, and nothing older wins over it", async () => {
  const two = await openTwo();
  await two.merge("old", two.eventOf("e5", 5, fields({ tier: "v5" })));
  await two.merge("new", two.eventOf("e3", 3, fields({ tier: "v3", region: "r3" })));
  expect(await two.move()).toEqual({ records: 1, doubtful: 0 });
  const claim = await two.claim("new");
  expect(
    [...claim!.snapshot.fields].map(([field, { value }]) => `${field} ${JSON.stringify(value)}`).toSorted(),
  ).toEqual([`region "r3"`, `tier "v5"`]);
  expect(await two.lanes.new.settleFields(claim!)).toBe("quiet");
  expect(await two.merge("new", two.eventOf("e4", 4, fields({ tier: "v4" })))).toBe("superseded");
  expect(await two.books("new")).toBe(3);
  expect(await redis.keys(`${two.tags.old}:*`)).toEqual([]);
});

test("what was confirmed under the old name, and every delivery, is known under the new one", async () => {
  const two = await openTwo();
  const sent = two.eventOf("e5", 5, fields({ tier: "v5" }));
  await two.merge("old", sent);
  await two.lanes.old.settleFields((await two.claim("old"))!);
  await two.move();
  expect(await two.merge("new", { ...sent, arrival: nextArrival() })).toBe("duplicate");
  expect(await two.merge("new", two.eventOf("e3", 3, fields({ tier: "v3" })))).toBe("superseded");
  expect(await two.books("new")).toBe(2);
});

test("a record of which the new name confirmed something older is told, since nobody has the newer value any more", async () => {
  const two = await openTwo();
  await two.merge("old", two.eventOf("e5", 5, fields({ tier: "v5" })));
  await two.lanes.old.settleFields((await two.claim("old"))!);
  await two.merge("new", two.eventOf("e3", 3, fields({ tier: "v3" })));
  await two.lanes.new.settleFields((await two.claim("new"))!);
  expect(await two.move()).toEqual({ records: 1, doubtful: 1 });
  expect(await two.lanes.new.records.show("customer", KEY)).toMatchObject({ isDoubtful: true, state: "quiet" });
});

test("a request that may be under way is waited for, and a job is followed under the new name", async () => {
  const two = await openTwo();
  await two.merge("old", two.eventOf("e5", 5, fields({ tier: "v5" })));
  const claim = (await two.claim("old"))!;
  const step = async () => await run(redis, "sluice_move", two.tags.new, [two.tags.old, DAY_MS, 1, ID]);
  expect(await step()).toEqual([ORDER.leaseMs]);
  await two.lanes.old.extend([claim], 1000, "job-7");
  await two.lanes.old.wait(claim, 0, { spent: false, handedOver: true });
  await two.merge("new", two.eventOf("e6", 6, fields({ tier: "v6" })));
  expect(await step()).toEqual(["moved"]);
  const followed = (await two.claim("new"))!;
  expect(followed.job).toMatchObject({ job: "job-7", change: 1 });
  // Only what the job carries is settled with it: the newer value waits for the next request.
  expect(followed.snapshot.fields.size).toBe(0);
  await two.lanes.new.settleFields(followed);
  expect((await two.claim("new"))!.snapshot.fields.get("tier")!.value).toBe("v6");
  expect(await two.books("new")).toBe(2);
});

test("dead letters go along, of records and of events, and are the new lane's", async () => {
  const two = await openTwo();
  await two.merge("old", two.eventOf("e5", 5, fields({ tier: "v5" })));
  const claim = (await two.claim("old"))!;
  const reason = { code: "RecordInvalid", message: "no" };
  const letter = { id: ID, at: "2026-01-01T00:00:00Z", destination: "old", object: "customer", key: KEY, reason };
  await two.lanes.old.bury(claim, { ...letter, events: [{ source: "shop", id: "e5" }] });
  const fault = {
    destination: "old",
    object: "customer",
    code: "mapping_failed",
    place: "p",
    expression: "x",
  } as const;
  const broken = { ...two.eventOf("e6", 6, fields({})), changes: [], faults: [{ ...fault, message: "no" }] };
  await two.merge("old", broken);
  await two.move();
  const moved = await Array.fromAsync(two.lanes.new.dead.all());
  expect(moved.map(({ destination, reason: { code } }) => `${destination} ${code}`).toSorted()).toEqual([
    "new RecordInvalid",
    "new mapping_failed",
  ]);
  expect(await two.lanes.new.dead.replay(ID, { set: new Map(), drop: new Set() })).toBe("replayed");
  await two.lanes.new.settleFields((await two.claim("new"))!);
  expect((await two.lanes.new.numbers()).deadRecords).toBe(1);
  expect(await two.books("new")).toBe(3);
});

test("a lane that is discarded books all that it held, and remembers nothing", async () => {
  const two = await openTwo();
  await two.merge("old", two.eventOf("e5", 5, fields({ tier: "v5" })));
  await two.merge("old", two.eventOf("e6", 6, fields({ region: "v6" })));
  expect(await two.removal.discard("old", () => {})).toEqual({ records: 1 });
  expect(await two.books("old")).toBe(2);
  const { outcomes, pendingRecords } = await two.lanes.old.numbers();
  expect([outcomes.get("discarded")?.get("erp"), outcomes.get("discarded")?.get("shop"), pendingRecords]).toEqual([
    1, 1, 0,
  ]);
  expect(await redis.keys(`${two.tags.old}:*`)).toEqual([`${two.tags.old}:counts`]);
});

/** Doors serve no lane, and may watch one for as long as they live: they told of a state that went back when its token was gone. */
test("a lane that is moved away or discarded keeps its highest token", async () => {
  const two = await openTwo();
  await two.merge("old", two.eventOf("e5", 5, fields({ tier: "v5" })));
  await two.claim("old");
  const markOf = async (): Promise<string | null> => await redis.hget(`${two.tags.old}:gate`, "mark");
  const mark = await markOf();
  expect(Number(mark)).toBeGreaterThan(0);
  await two.passTime(ORDER.leaseMs + 1);
  await two.move();
  expect(await markOf()).toBe(mark);
  await two.removal.discard("old", () => {});
  expect(await markOf()).toBe(mark);
});

type Step = {
  readonly lane: "old" | "new";
  readonly what: "fields" | "delete" | "write" | "refused" | "lost";
  readonly version: number;
};
const steps = (lane: "old" | "new"): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      lane: fc.constant(lane),
      what: fc.constantFrom("fields", "fields", "delete", "write", "write", "refused", "lost"),
      version: fc.integer({ min: 1, max: 40 }),
    }),
    { maxLength: 7 },
  );

test("wherever the changes came in and whatever became of them, the record ends as if there had been one lane", async () => {
  await fc.assert(
    fc.asyncProperty(steps("old"), steps("new"), async (before, after) => {
      const two = await openTwo();
      const stored = new Map<string, unknown>();
      let isThere = false;
      const newest = new Map<string, number>();
      let deleted = 0;
      let accepted = 0;
      const write = async (lane: "old" | "new", what: Step["what"]): Promise<void> => {
        const claim = await two.claim(lane);
        if (claim === undefined) return;
        const { deletion, fields: values } = claim.snapshot;
        if (what === "lost") return await two.passTime(ORDER.leaseMs + 1);
        if (what === "refused") {
          const reason = { code: "RecordInvalid", message: "no" };
          const at = new Date().toISOString();
          const letter = { id: claim.id, at, destination: lane, object: "customer", key: KEY, reason, events: [] };
          return void (await two.lanes[lane].bury(claim, letter));
        }
        if (deletion !== null) {
          stored.clear();
          isThere = false;
          await two.lanes[lane].settleDelete(claim);
          return;
        }
        for (const [field, { value }] of values) stored.set(field, value);
        isThere = true;
        await two.lanes[lane].settleFields(claim);
      };
      let serial = 0;
      const used = new Set<number>();
      for (const { lane, what, version } of [...before, ...after]) {
        if (what !== "fields" && what !== "delete") {
          await write(lane, what);
          continue;
        }
        // A stamp belongs to one event.
        if (used.has(version)) continue;
        used.add(version);
        serial += 1;
        const of = { [`f${version % 3}`]: `v${version}`, all: `v${version}` };
        await two.merge(lane, two.eventOf(`e${serial}`, version, what === "delete" ? { kind: "delete" } : fields(of)));
        accepted += 1;
        if (what === "delete") deleted = Math.max(deleted, version);
        else for (const field of Object.keys(of)) newest.set(field, Math.max(newest.get(field) ?? 0, version));
      }
      await two.passTime(ORDER.leaseMs + 1);
      const { doubtful } = await two.move();
      if (await two.lanes.new.dead.find(ID)) {
        // A write that was refused once may be taken now.
        await two.lanes.new.dead.replay(ID, { set: new Map(), drop: new Set() });
      }
      for (let left = 0; left < 6; left += 1) {
        await two.passTime(ORDER.leaseMs + 1);
        await write("new", "write");
      }
      const { pendingRecords, deadRecords } = await two.lanes.new.numbers();
      expect([pendingRecords, deadRecords]).toEqual([0, 0]);
      expect(await two.books("new")).toBeGreaterThanOrEqual(accepted);
      const gate = `${two.tags.old}:gate`;
      const left = await redis.keys(`${two.tags.old}:*`);
      expect(left.filter((key) => key !== gate)).toEqual([`${two.tags.old}:clock`]);
      expect((await redis.hkeys(gate)).filter((field) => field !== "mark")).toEqual([]);
      if (doubtful > 0) return;
      const living = [...newest].filter(([, version]) => version > deleted);
      expect(isThere).toBe(living.length > 0);
      for (const [field, version] of living) expect(stored.get(field), field).toBe(`v${version}`);
      for (const [field, value] of stored) {
        expect(value === null || living.some(([name]) => name === field), field).toBe(true);
      }
    }),
    { numRuns: 150, seed: 13 },
  );
});
