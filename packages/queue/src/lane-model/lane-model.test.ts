import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, expect, inject, test } from "vitest";
import { stampOf, type Change, type MappedEvent } from "@sluice/record";
import { nextArrival } from "../arrival.fixture.ts";
import { createMerging, type Merging } from "../merging/merging.ts";
import { isBalanced } from "../books/audit.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import type { Claim } from "../claims/claim.ts";
import { connect, waitUntilReady } from "../connection/connection.ts";
import { recordId } from "../identity.ts";
import {
  announce,
  buryRecord,
  carry,
  DEDUPE_WINDOW_MS,
  emptyLane,
  forget,
  giveBack,
  isQuiet,
  merge,
  park,
  retry,
  settleDeletion,
  settleValues,
  take,
  takeOver,
  type Delivery,
  type ModelClaim,
  type ModelLane,
} from "./lane-model.fixture.ts";
import { compare } from "./lane-state.fixture.ts";
import type { Lane } from "../lane.ts";
import { openCrm } from "../lanes/lanes.fixture.ts";
import { partTags, placeOf } from "../lanes/tags.ts";

/**
 * A whole lane against the model, on a real Redis whose clock the test sets: several records, claimed in bulk; versions and
 * orders of arrival; workers that die between any two scripts, whose leases end by the clock; redeliveries inside and outside
 * of the dedupe window; clocks that jump forwards and back; ledgers that were forgotten. After every step all of it is compared.
 * A destination with several lanes does what as many models do, each with its own records.
 */
const CLOCK = "local function now_micros() return tonumber(redis.call('GET', KEYS[1] .. ':clock')) end";
const redis = connect(inject("redisUrl"), "worker", (error) => console.error(error), CLOCK);
afterAll(() => redis.disconnect());

const LEASE_MS = 60_000;
/** `invoice` has no versions: its order is that of arrival. */
const RECORDS = ["customer 1", "customer 2", "invoice 1", "invoice 2"].map((name) => {
  const [object = "", value = ""] = name.split(" ");
  const key = { by: "external_id", value } as const;
  return { id: recordId(object, key), object, key, byArrival: object === "invoice" };
});
const SOURCES = ["erp", "shop"];

type Held = { readonly claim: Claim; readonly model: ModelClaim };
type Real = {
  readonly lane: Lane;
  readonly tags: readonly string[];
  readonly merging: Merging;
  held: Held[];
  sent: Said[];
};
/** A delivery as the scripts and as the model get it. */
type Said = { readonly mapped: MappedEvent; readonly delivery: Delivery };
type Model = { readonly lanes: readonly ModelLane[] };
type Command = fc.AsyncCommand<Model, Real>;

/** The model of the lane that the record lives in. */
function modelOf({ lanes }: Model, id: string): ModelLane {
  return lanes[placeOf(id, lanes.length)]!;
}

/** A command from what is random in it: how it is told, what it does. */
function command(tell: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await run(model, real);
      await compare(redis, model.lanes, real);
    },
    toString: () => tell,
  };
}

type Sent = {
  record: number;
  source: number;
  version: number;
  event: string;
  fields: Record<string, number | null> | null;
};

function say({ record, source: rank, version, event: id, fields }: Sent): Said {
  const { id: recordKey, byArrival, ...of } = RECORDS[record]!;
  const source = SOURCES[rank]!;
  const effect: Change["effect"] =
    fields === null ? { kind: "delete" } : { kind: "fields", fields: new Map(Object.entries(fields)) };
  const known = byArrival ? null : ({ kind: "integer", value: BigInt(version) } as const);
  const event = { id, type: "t", time: null, source, data: null, headers: {} };
  const arrival = nextArrival();
  const change: Change = { destination: "crm", ...of, version: known, effect };
  const stamp = stampOf(known, rank, { finerMicros: null, arrival, run: 0 });
  return {
    mapped: { event, rank, arrival, run: 0, changes: [change], faults: [] },
    delivery: { id: recordKey, event: `${source} ${id} ${recordKey}`, source, arrival, stamp, effect },
  };
}

/** Several webhooks that are understood at once. */
function send(all: readonly Sent[]): Command {
  const told = all.map(({ record, source, event, version, fields }) => {
    const { object, key } = RECORDS[record]!;
    return `${SOURCES[source]} ${event} v${version} for ${object} ${key.value}: ${JSON.stringify(fields)}`;
  });
  return command(`merge ${told.join("; ")}`, async (model, real) => {
    const said = all.map(say);
    real.sent.push(...said);
    await mergeBoth(model, real, said);
  });
}

/** The worker that merged them died before it could say so: they are read again, with others perhaps. */
function readAgain(from: number, count: number): Command {
  return command(`read ${count} again, from the ${from} last`, async (model, real) => {
    await mergeBoth(model, real, real.sent.slice(-1 - from).slice(0, count));
  });
}

async function mergeBoth(model: Model, real: Real, said: readonly Said[]): Promise<void> {
  const expected: string[] = [];
  for (const [lane, places] of Map.groupBy(said.keys(), (at) => modelOf(model, said[at]!.delivery.id))) {
    const words = merge(
      lane,
      places.map((at) => said[at]!.delivery),
    );
    for (const [at, place] of places.entries()) expected[place] = words[at]!;
  }
  expect(await real.merging.merge(said.map(({ mapped }) => mapped))).toEqual(expected);
}

function claimUpTo(batch: number, session: string): Command {
  return command(`${session} claims up to ${batch}`, async (model, real) => {
    const records = model.lanes.flatMap((each) => [...each.records]);
    const before = new Map(records.map(([id, { lastFence }]) => [id, lastFence]));
    // Which lanes a part of what is due comes from is said by portionsOf: here all of it is taken where there are several.
    const most = model.lanes.length === 1 ? batch : RECORDS.length;
    const expected = model.lanes.flatMap((each) => take(each, most, LEASE_MS, session));
    const claimed = await real.lane.claim({ ...ORDER, batch: most, leaseMs: LEASE_MS, session });
    const claims = claimed.kind === "claimed" ? claimed.claims : [];
    const told = ({ id, fence, attempts, lost, posted, snapshot }: Claim | ModelClaim): readonly unknown[] => {
      const deletion = snapshot.deletion === null ? null : { ...snapshot.deletion, value: undefined };
      return [id, BigInt(fence), attempts, lost, posted, { ...snapshot, deletion }];
    };
    expect(claims.map(told)).toEqual(expected.map(told));
    for (const [index, each] of claims.entries()) {
      expect(BigInt(each.fence) > before.get(each.id)!).toBe(true);
      real.held.push({ claim: each, model: expected[index]! });
    }
  });
}

type How =
  | "settle"
  | "settle twice"
  | "give back"
  | "retry later"
  | "hear nothing"
  | "send in a job"
  | "hand over"
  | "post a job"
  | "wait for the job"
  | "stop waiting for the job"
  | "bury";

/** A worker that holds or held a claim goes on with it; the later it is, the likelier another has the record by now. */
function goOn(pick: number, how: How): Command {
  return command(`${how} (claim ${pick} from the last)`, async (model, real) => {
    const held = real.held.at(-1 - pick);
    if (held === undefined) return;
    const { lane } = real;
    const { claim: claimed, model: mine } = held;
    const known = modelOf(model, claimed.id);
    switch (how) {
      case "give back":
        expect(await lane.wait(claimed, 0, { spent: false })).toBe(giveBack(known, mine, { delayMs: 0, spent: false }));
        break;
      case "retry later":
        expect(await lane.wait(claimed, 5000, { spent: true })).toBe(
          giveBack(known, mine, { delayMs: 5000, spent: true }),
        );
        break;
      case "hear nothing": {
        const silent = { spent: true, unsettled: true, why: "timeout" };
        expect(await lane.wait(claimed, 5000, silent)).toBe(giveBack(known, mine, { delayMs: 5000, ...silent }));
        break;
      }
      case "send in a job":
        expect((await lane.extend([claimed], LEASE_MS, "job 1")).length > 0).toBe(carry(known, mine, LEASE_MS));
        break;
      case "hand over": {
        // A flight that is handed over is a job's.
        if ((await lane.extend([claimed], LEASE_MS, "job 1")).length > 0) carry(known, mine, LEASE_MS);
        const over = { spent: false, handedOver: true };
        expect(await lane.wait(claimed, 0, over)).toBe(giveBack(known, mine, { delayMs: 0, ...over }));
        break;
      }
      case "post a job":
        expect((await lane.announceJob([claimed], LEASE_MS)).length > 0).toBe(announce(known, mine, LEASE_MS));
        break;
      case "wait for the job":
      case "stop waiting for the job": {
        const back = { spent: false, posted: how === "wait for the job" ? "on" : "over" } as const;
        expect(await lane.wait(claimed, 0, back)).toBe(giveBack(known, mine, { delayMs: 0, ...back }));
        break;
      }
      case "bury": {
        const { id, destination, object, key } = claimed;
        const letter = { id, at: "", destination, object, key, reason: { code: "", message: "" }, events: [] };
        expect(await lane.bury(claimed, letter)).toBe(buryRecord(known, mine));
        break;
      }
      default:
        await settle(known, real, held, how);
    }
  });
}

async function settle(
  model: ModelLane,
  { lane }: Real,
  { claim: claimed, model: mine }: Held,
  how: How,
): Promise<void> {
  // A connection that broke before the answer sends its command again.
  for (let times = how === "settle twice" ? 2 : 1; times > 0; times -= 1) {
    if (mine.snapshot.deletion === null) expect(await lane.settleFields(claimed)).toBe(settleValues(model, mine));
    else expect(await lane.settleDelete(claimed)).toBe(settleDeletion(model, mine));
  }
}

function die(session: string): Command {
  return command(`${session} is dead`, async (model, { lane }) => {
    for (const each of model.lanes) takeOver(each, session);
    await lane.takeOver(session);
  });
}

function parkOrNot(record: number, parked: boolean): Command {
  const { id, object, key } = RECORDS[record]!;
  return command(`record ${record} is ${parked ? "parked" : "put back"}`, async (model, { lane }) => {
    const word = park(modelOf(model, id), id, parked);
    expect(await (parked ? lane.records.park(object, key) : lane.records.unpark(object, key))).toBe(word);
  });
}

function retryNow(record: number): Command {
  const { id, object, key } = RECORDS[record]!;
  return command(`record ${record} is to be tried now`, async (model, { lane }) => {
    expect(await lane.records.retry(object, key)).toBe(retry(modelOf(model, id), id));
  });
}

function jump(byMs: number): Command {
  return command(`the clock jumps by ${byMs} ms`, async (model, { tags }) => {
    for (const [place, tag] of tags.entries()) {
      const lane = model.lanes[place]!;
      lane.nowMicros += BigInt(byMs) * 1000n;
      await redis.set(`${tag}:clock`, lane.nowMicros.toString());
    }
  });
}

function expire(record: number): Command {
  const { id } = RECORDS[record]!;
  return command(`the ledger of record ${record} is forgotten`, async (model, { tags }) => {
    const lane = modelOf(model, id);
    const known = lane.records.get(id)!;
    // With both the ledger and the right time gone, nothing could tell an older token from a newer.
    if (!isQuiet(known) || known.lastFence >= lane.nowMicros) return;
    forget(lane, id);
    await redis.del(`${tags[placeOf(id, tags.length)]}:l:${id}`);
  });
}

const sent = fc.record({
  record: fc.nat({ max: RECORDS.length - 1 }),
  source: fc.nat({ max: 1 }),
  version: fc.nat({ max: 9 }),
  event: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
  fields: fc.option(
    fc.dictionary(
      fc.constantFrom("standard::name", "tier", "balance", "city"),
      fc.option(fc.integer({ min: 0, max: 9 }), { freq: 4 }),
      { minKeys: 1 },
    ),
    { freq: 4 },
  ),
});
const HOWS: readonly How[] = [
  "settle",
  "settle",
  "settle",
  "settle twice",
  "give back",
  "retry later",
  "hear nothing",
  "send in a job",
  "hand over",
  "post a job",
  "post a job",
  "wait for the job",
  "stop waiting for the job",
  "bury",
];
const ends = fc.tuple(fc.nat({ max: 5 }), fc.constantFrom(...HOWS)).map(([pick, how]) => goOn(pick, how));
const sessions = fc.constantFrom("one", "other");
const claims = fc.tuple(fc.integer({ min: 1, max: RECORDS.length }), sessions).map(([most, by]) => claimUpTo(most, by));
const parks = fc.tuple(fc.nat({ max: RECORDS.length - 1 }), fc.boolean()).map(([record, to]) => parkOrNot(record, to));
const jumps = fc.constantFrom(1, 6000, LEASE_MS + 1, 3 * DEDUPE_WINDOW_MS, -1, -90_000).map(jump);
const together = fc.array(sent, { minLength: 1, maxLength: 4 }).map(send);
const again = fc
  .tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 3 }))
  .map(([from, count]) => readAgain(from, count));
const commands = [
  together,
  together,
  again,
  claims,
  claims,
  ends,
  ends,
  jumps,
  sessions.map(die),
  parks,
  fc.nat({ max: RECORDS.length - 1 }).map(retryNow),
  fc.nat({ max: RECORDS.length - 1 }).map(expire),
];

async function follow(lanes: number, runs: number): Promise<void> {
  await waitUntilReady(redis);
  const seed = Number(process.env["SLUICE_TEST_SEED"]);
  console.log(`model of ${lanes} lanes, seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: "max" }), async (history) => {
      const namespace = randomUUID();
      const tags = partTags(namespace, "crm", lanes);
      const model: Model = {
        lanes: tags.map((_, place) =>
          emptyLane(RECORDS.flatMap(({ id }) => (placeOf(id, lanes) === place ? [id] : []))),
        ),
      };
      for (const [place, tag] of tags.entries()) {
        await redis.set(`${tag}:clock`, model.lanes[place]!.nowMicros.toString());
      }
      const lane = await openCrm(redis, namespace, lanes, DEDUPE_WINDOW_MS);
      const real: Real = { lane, tags, merging: createMerging(() => lane), held: [], sent: [] };
      await fc.asyncModelRun(() => ({ model, real }), history);
      expect((await lane.audit(() => {})).every(isBalanced)).toBe(true);
      const keys = await redis.keys(`{${namespace}:*`);
      if (keys.length > 0) await redis.del(...keys);
    }),
    { seed, numRuns: runs * Number(process.env["SLUICE_TEST_RUNS"]) },
  );
}

test("a lane of several records does what the model says, whatever its workers and its clock do", async () => {
  await follow(1, 30);
});

test("a destination of four lanes does what four models say", async () => {
  expect(new Set(RECORDS.map(({ id }) => placeOf(id, 4))).size).toBeGreaterThan(2);
  await follow(4, 20);
});
