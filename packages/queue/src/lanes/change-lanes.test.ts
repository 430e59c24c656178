import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { Redis } from "ioredis";
import { afterAll, expect, inject, test } from "vitest";
import type { Change, ChangeEffect, MappedEvent } from "@sluice/record";
import { nextArrival } from "../arrival.fixture.ts";
import { createAcknowledgement } from "../server/acknowledgement.ts";
import { isBalanced } from "../books/audit.ts";
import type { Claim } from "../claims/claim.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import type { Lane } from "../lane.ts";
import { createMerging } from "../merging/merging.ts";
import { markLane } from "../state/state-format.ts";
import { stillRedis } from "../still-clock.fixture.ts";
import { changeLanes } from "./change-lanes.ts";
import { openLanes } from "./destination.ts";
import { countLanes, LanesChangingError, LanesDifferError, settleLaneCount } from "./lane-count.ts";
import { createRemoval } from "./removal.ts";
import { sayServed } from "./serving.ts";
import { partTags } from "./tags.ts";

/** The number of lanes is changed under all that a destination can hold, on a real Redis whose clock the tests set. */
const redis = stillRedis(inject("redisUrl"));
afterAll(() => redis.disconnect());

const DAY_MS = 86_400_000;
const RECORDS = Array.from({ length: 24 }, (_, at) => ({ by: "external_id", value: `r${at}` }) as const);

async function openFixture() {
  const namespace = `change-${randomUUID()}`;
  const tag = `{${namespace}:intake}`;
  let nowMs = Date.UTC(2026, 0, 1);
  const setClocks = async (): Promise<void> => {
    for (const each of partTags(namespace, "crm", 8)) await redis.set(`${each}:clock`, `${nowMs}000`);
  };
  await setClocks();
  const options = {
    namespace,
    destination: "crm",
    dedupeWindowMs: DAY_MS,
    orderingHorizonMs: DAY_MS,
    acknowledgement: createAcknowledgement(redis, "redis"),
  };
  const { lane } = openLanes(redis, options, () => null);
  return {
    namespace,
    tag,
    lane,
    merging: createMerging(() => lane),
    asWorker: (lanes: number): Lane => openLanes(redis, options, () => lanes).lane,
    async passTime(ms: number) {
      nowMs += ms;
      await setClocks();
    },
    async change(lanes: number, by: Redis = redis) {
      const parts = { namespace, tag, destination: "crm", dedupeWindowMs: DAY_MS };
      try {
        return await changeLanes(by, parts, lanes, () => {});
      } finally {
        // Lanes that went took their clocks along.
        await setClocks();
      }
    },
  };
}

type Fixture = Awaited<ReturnType<typeof openFixture>>;

function eventOf(id: number, key: (typeof RECORDS)[number], version: number, effect: ChangeEffect): MappedEvent {
  const change: Change = {
    destination: "crm",
    object: "customer",
    key,
    version: { kind: "integer", value: BigInt(version) },
    effect,
  };
  const source = id % 3 === 0 ? "erp" : "shop";
  const event = { id: `e${id}`, type: "t", time: null, source, data: null, headers: {} };
  return { event, rank: 0, arrival: nextArrival(), run: 0, changes: [change], faults: [] };
}

const tier = (value: number): ChangeEffect => ({ kind: "fields", fields: new Map([["tier", value]]) });
const city = (value: number): ChangeEffect => ({ kind: "fields", fields: new Map([["city", value]]) });

/** Pending, confirmed, deleted, waiting, parked, dead, set aside, doubtful and carried records, and letters of events. */
async function fill({ lane, merging, passTime }: Fixture): Promise<readonly MappedEvent[]> {
  let id = 0;
  const sent: MappedEvent[] = [];
  const merge = async (version: number, effect: (at: number) => ChangeEffect): Promise<void> => {
    const events = RECORDS.map((key, at) => eventOf((id += 1), key, version, effect(at)));
    sent.push(...events);
    await merging.merge(events);
  };
  await merge(3, tier);
  const claimed = await lane.claim({ ...ORDER, requests: 200 });
  if (claimed.kind !== "claimed") throw new Error(claimed.kind);
  const letter = (claim: Claim) => ({
    id: claim.id,
    at: new Date(0).toISOString(),
    destination: "crm",
    object: claim.object,
    key: claim.key,
    reason: { code: "refused", message: "no" },
    events: [{ source: "erp", id: "e1" }],
  });
  for (const [at, claim] of claimed.claims.entries()) {
    if (at % 6 === 0) await lane.bury(claim, letter(claim));
    else if (at % 6 === 1) await lane.wait(claim, 3_600_000, { spent: true, why: "down" });
    else if (at % 6 === 2) await lane.extend([claim], 1000, `job ${at}`);
    else await lane.settleFields(claim);
    if (at % 6 === 3) await lane.doubt(claim);
  }
  await lane.records.park("customer", claimed.claims[1]!.key);
  await merge(5, (at) => (at % 5 === 0 ? { kind: "delete" } : city(at)));
  const fault = { destination: "crm", object: "customer", place: "sources.erp.records[0]", expression: "x" };
  const broken = eventOf(1000, RECORDS[0]!, 9, tier(1));
  sent.push({ ...broken, changes: [], faults: [{ ...fault, code: "mapping_failed", message: "no" } as never] });
  await merging.merge(sent.slice(-1));
  // Flights end, so that nothing waits for them.
  await passTime(120_000);
  return sent;
}

/** All that can be known of the destination. */
async function all({ lane }: Fixture) {
  const { accepted, open, outcomes, ties, pendingRecords, deadRecords, doubtfulRecords } = await lane.numbers();
  const records = await Promise.all(
    RECORDS.map(async (key) => {
      const shown = await lane.records.show("customer", key);
      return shown === null ? null : { ...shown, nowMs: 0 };
    }),
  );
  const letters = await Array.fromAsync(lane.dead.newest());
  const some = (counts: ReadonlyMap<string, number>) => new Map([...counts].filter(([, count]) => count !== 0));
  const ended = new Map([...outcomes].map(([outcome, by]) => [outcome, some(by)]));
  const numbers = { accepted: some(accepted), open: some(open), ended, ties: some(ties), pendingRecords, deadRecords };
  return { ...numbers, doubtfulRecords, records, letters };
}

/** A client that dies with its so-many-th command. */
function dyingAfter(commands: number): Redis {
  let left = commands;
  return new Proxy(redis, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function" || typeof name !== "string" || ["on", "once", "off"].includes(name)) return value;
      return async (...args: unknown[]) => {
        left -= 1;
        // Half of the commands are carried out before the answer is lost.
        if (left <= 0 && commands % 2 === 0)
          await (value as (...all: unknown[]) => Promise<unknown>).apply(target, args);
        if (left <= 0) throw new Error("killed");
        return await (value as (...all: unknown[]) => Promise<unknown>).apply(target, args);
      };
    },
  });
}

test("the number is changed under all that a destination can hold, and broken off anywhere: nothing is lost, and nothing is counted twice", async () => {
  const seed = Number(process.env["SLUICE_TEST_SEED"]);
  console.log(`change of lanes, seed ${seed}`);
  const step = fc.record({
    to: fc.constantFrom(1, 2, 4, 8),
    /** After how many commands each try dies, before one that does not. */
    kills: fc.array(fc.integer({ min: 1, max: 160 }), { maxLength: 4 }),
    /** The number that broken-off tries wanted. */
    wrong: fc.option(fc.constantFrom(1, 2, 4, 8)),
  });
  let killed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 4 }), async (steps) => {
      const fixture = await openFixture();
      const events = await fill(fixture);
      const before = await all(fixture);
      expect(before.pendingRecords + before.deadRecords).toBeGreaterThan(20);
      for (const { to, kills, wrong } of steps) {
        for (const commands of kills) {
          await fixture.change(wrong ?? to, dyingAfter(commands)).catch((error: unknown) => {
            if ((error as Error).message !== "killed") throw error;
            killed += 1;
          });
        }
        await fixture.change(to);
        expect(await countLanes(redis, fixture.namespace, "crm")).toBe(to);
        expect(await all(fixture)).toEqual(before);
        expect((await fixture.lane.audit(() => {})).every(isBalanced)).toBe(true);
        // Lanes beyond the number leave nothing behind.
        for (const tag of partTags(fixture.namespace, "crm", 8).slice(to)) {
          expect(await redis.keys(`${tag}:*`)).toEqual([`${tag}:clock`]);
        }
      }
      // Deliveries are known again wherever their records are now.
      expect(await fixture.merging.merge(events)).toHaveLength(events.length);
      const again = events.map((event) => ({ ...event, arrival: nextArrival() }));
      expect(new Set(await fixture.merging.merge(again))).toEqual(new Set(["duplicate"]));
      expect(await all(fixture)).toEqual(before);
      const keys = await redis.keys(`{${fixture.namespace}*`);
      await redis.del(...keys);
    }),
    { seed, numRuns: 12 * Number(process.env["SLUICE_TEST_RUNS"]) },
  );
  expect(killed).toBeGreaterThan(10);
}, 240_000);

/** A client that dies when this command has been carried out. */
function dyingBehind(command: string): Redis {
  return new Proxy(redis, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function") return value;
      if (name !== command) return value.bind(target) as unknown;
      return async (...args: unknown[]) => {
        await (value as (...all: unknown[]) => Promise<unknown>).apply(target, args);
        throw new Error("killed");
      };
    },
  });
}

test("the books of a lane that goes are added once, however often that is broken off, and again when it has come back", async () => {
  const fixture = await openFixture();
  await fixture.change(4);
  await fill(fixture);
  const before = await all(fixture);
  for (let times = 0; times < 2; times += 1) {
    await expect(fixture.change(1, dyingBehind("sluice_add_books"))).rejects.toThrow("killed");
  }
  await fixture.change(4);
  expect(await all(fixture)).toEqual(before);
  await fixture.merging.merge(RECORDS.map((key, at) => eventOf(2000 + at, key, 7, tier(7))));
  const later = await all(fixture);
  await fixture.change(1);
  expect(await all(fixture)).toEqual(later);
});

test("while the number is changed no worker merges, whatever number it knows, and nobody acts on a record", async () => {
  const fixture = await openFixture();
  const events = await fill(fixture);
  await expect(fixture.change(4, dyingAfter(40))).rejects.toThrow("killed");
  const change = { ...events[0]!, event: { ...events[0]!.event, id: "new" } };
  for (const lanes of [1, 4]) {
    const merging = createMerging(() => fixture.asWorker(lanes));
    await expect(merging.merge([change])).rejects.toThrow(LanesDifferError);
  }
  await expect(fixture.lane.records.retry("customer", RECORDS[0]!)).rejects.toThrow(LanesChangingError);
  await expect(fixture.lane.audit(() => {})).rejects.toThrow(LanesChangingError);
  await fixture.change(4);
  // A worker that was frozen meanwhile goes on by the number that it knows.
  await expect(createMerging(() => fixture.asWorker(1)).merge([change])).rejects.toThrow(LanesDifferError);
  expect(await createMerging(() => fixture.asWorker(4)).merge([change])).not.toContain("duplicate");
});

test("doors and the console go on showing the numbers of a destination whose lanes are changed: a record may be seen in two lanes, and never in none", async () => {
  const shown = async (lane: Lane) => {
    const letters = await Array.fromAsync(lane.dead.all());
    const { accepted, deadRecords } = await lane.numbers();
    return { accepted, deadRecords, letters: letters.length, ids: new Set(letters.map(({ id }) => id)) };
  };
  // At 69, 85 and 107 a record with a letter was seen in both lanes, and from 164 on books were counted twice; where a record is only read, nothing is.
  for (const dying of [
    dyingBehind("sluice_hand_overBuffer"),
    ...[60, 69, 85, 107, 164, 168, 178, 183].map(dyingAfter),
  ]) {
    const fixture = await openFixture();
    await fixture.change(4);
    await fill(fixture);
    const before = await shown(fixture.lane);
    const word = await fixture.change(1, dying).then(
      () => "done",
      (error: Error) => error.message,
    );
    // The last of these steps may not come.
    expect(["killed", "done"]).toContain(word);
    const broken = await shown(fixture.lane);
    expect([broken.accepted, broken.ids]).toEqual([before.accepted, before.ids]);
    expect(broken.deadRecords).toBe(broken.letters);
    expect(broken.deadRecords).toBeGreaterThanOrEqual(before.deadRecords);
    await fixture.change(1);
    expect(await shown(fixture.lane)).toEqual(before);
  }
});

test("a record that changes after it was copied is copied again", async () => {
  const fixture = await openFixture();
  await fill(fixture);
  const [home] = partTags(fixture.namespace, "crm", 1) as [string];
  let parked = 0;
  const meddled = new Proxy(redis, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (name !== "sluice_take_in") return typeof value === "function" ? value.bind(target) : value;
      return async (tag: string, id: string, ...args: unknown[]) => {
        const answer = await (value as (...all: unknown[]) => Promise<unknown>).call(target, tag, id, ...args);
        // An operator whose command was long under way. An event's dead letter, which may be taken in early too, is no record.
        if (parked < 3 && !id.startsWith("e_") && (await redis.hset(`${home}:p:${id}`, "@why", "meddled")) >= 0)
          parked += 1;
        return answer;
      };
    },
  });
  await fixture.change(4, meddled);
  const shown = await Promise.all(RECORDS.map(async (key) => await fixture.lane.records.show("customer", key)));
  expect(shown.filter((each) => each?.lastFailure === "meddled")).toHaveLength(3);
});

test("a change is refused while a worker serves the destination, and leaves the number as it was", async () => {
  const fixture = await openFixture();
  const session = randomUUID();
  await redis.zadd(`${fixture.tag}:beats`, Date.now(), session);
  await sayServed(redis, fixture.tag, session, ["crm"]);
  await expect(fixture.change(4)).rejects.toMatchObject({ code: "lanes_served" });
  expect(await settleLaneCount(redis, fixture.namespace, "crm", 1)).toBe(1);
  for (const lanes of [0, 0.5, 3, 128, Number.NaN, 2.5]) {
    await expect(fixture.change(lanes)).rejects.toMatchObject({ code: "lanes_number" });
  }
});

test("versions of two kinds are told before anything is changed, and the workers go on", async () => {
  const fixture = await openFixture();
  await fixture.change(4);
  const [, second, third] = partTags(fixture.namespace, "crm", 4) as [string, string, string];
  await redis.hset(`${second}:kinds`, "customer", "time");
  await redis.hset(`${third}:kinds`, "customer", "integer");
  await expect(fixture.change(1)).rejects.toMatchObject({ code: "lane_kinds" });
  expect(await settleLaneCount(redis, fixture.namespace, "crm", 1)).toBe(4);
  expect(await fixture.lane.records.reorder("customer")).toBe("reordered");
  expect((await fixture.change(1)).from).toBe(4);
});

test("a release that knows of one lane refuses a destination with several, and takes it again when it has one", async () => {
  const fixture = await openFixture();
  const [home] = partTags(fixture.namespace, "crm", 1) as [string];
  const format = async () => await redis.get(`${home}:format`);
  await fixture.change(4);
  expect(await format()).toBe("3");
  await markLane(redis, home);
  expect(await format()).toBe("3");
  await fixture.change(1);
  expect(await format()).toBe("2");
  await settleLaneCount(redis, fixture.namespace, "crm", 1);
  expect(await format()).toBe("2");
});

test("a destination with several lanes is neither moved nor dropped", async () => {
  const fixture = await openFixture();
  await fixture.change(4);
  const removal = createRemoval(redis, {
    namespace: fixture.namespace,
    tag: fixture.tag,
    laneAt: () => fixture.lane,
    dedupeWindowMs: DAY_MS,
    orderingHorizonMs: DAY_MS,
    onRemoved: () => {},
  });
  await expect(removal.move("old", "crm", () => {})).rejects.toMatchObject({ code: "lane_spread" });
  await expect(removal.discard("crm", () => {})).rejects.toMatchObject({ code: "lane_spread" });
});
