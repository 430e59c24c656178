import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { Redis } from "ioredis";
import { afterAll, expect, inject, test } from "vitest";
import {
  admitDelete,
  admitFields,
  bury,
  claim,
  discard,
  EMPTY_RECORD,
  release,
  repair,
  replay,
  settleDelete,
  settleFields,
  stampOf,
  type Change,
  type ConfirmedField,
  type RecordState,
  type Snapshot,
  type Stamp,
  type Tally,
} from "@sluice/record";
import { nextArrival } from "../arrival.fixture.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { createMerging } from "../merging/merging.ts";
import { readClaim, type Claim } from "../claims/claim.ts";
import { connect, waitUntilReady } from "../connection/connection.ts";
import { recordId } from "../identity.ts";
import type { Lane } from "../lane.ts";
import { openCrm } from "../lanes/lanes.fixture.ts";
import { partTag, placeOf } from "../lanes/tags.ts";
import { readLedger } from "./ledger.fixture.ts";

/**
 * The scripts against the model, on a real Redis: random histories of merges, duplicates, claims,
 * leases that end, late answers, settlements, retries and burials are driven through both, and after
 * every step the whole state of the record and all counts are compared.
 */
const redis = connect(inject("redisUrl"), "worker", (error) => console.error(error));
afterAll(() => redis.disconnect());

const RECORD = { object: "customer", key: { by: "external_id", value: "c-1" } } as const;
const ID = recordId(RECORD.object, RECORD.key);
const SOURCES = ["erp", "shop"];

type Model = {
  state: RecordState;
  accepted: number;
  outcomes: Map<string, number>;
  seen: Set<string>;
  dead: boolean;
  parked: boolean;
};
type Real = {
  lane: Lane;
  raw: Redis;
  tag: string;
  merge: ReturnType<typeof createMerging>["merge"];
  runs: number;
  ledgers: ReadonlyMap<string, Stamp>[];
  /** Every claim ever taken, with what the model took out at the same time: the last one holds the lease. */
  claims: { claim: Claim; snapshot: Snapshot }[];
};
type Command = fc.AsyncCommand<Model, Real>;

function count(model: Model, tally: Tally): void {
  for (const outcomes of tally.values()) {
    for (const [outcome, by] of outcomes) model.outcomes.set(outcome, (model.outcomes.get(outcome) ?? 0) + by);
  }
}

async function compare(model: Model, real: Real): Promise<void> {
  const [{ stamps, tombstone }, pending, numbers, dueAt] = await Promise.all([
    readLedger(real.raw, `${real.tag}:l:${ID}`),
    real.raw.hgetallBuffer(`${real.tag}:p:${ID}`),
    real.lane.numbers(),
    real.raw.zscore(`${real.tag}:due`, ID),
  ]);
  const flat = Object.entries(pending);
  const fence = Buffer.from("0");
  const { snapshot } = readClaim(
    [Buffer.from(ID), fence, flat.flatMap(([name, value]) => [Buffer.from(name), value]), []],
    { destination: "crm", leaseEndsAt: 0, remember: false, state: null },
  );
  const { state } = model;
  const ended = [...numbers.outcomes].map(
    ([outcome, bySource]) => [outcome, [...bySource.values()].reduce((a, b) => a + b, 0)] as const,
  );
  expect({
    ledger: stamps,
    tombstone,
    pending: plain(snapshot.fields),
    deletion: snapshot.deletion === null ? null : { ...snapshot.deletion, value: undefined },
    open: snapshot.open,
    outcomes: new Map(ended.filter(([, all]) => all > 0)),
    dead: numbers.deadRecords > 0,
  }).toEqual({
    ledger: state.ledger,
    tombstone: state.tombstone,
    pending: plain(state.pending),
    deletion: state.deletion === null ? null : { ...state.deletion, value: undefined },
    open: state.open,
    outcomes: model.outcomes,
    dead: model.dead,
  });
  const open = [...numbers.open.values()].reduce((a, b) => a + b, 0);
  const accepted = [...numbers.accepted.values()].reduce((a, b) => a + b, 0);
  expect(accepted).toBe(model.accepted);
  expect(accepted).toBe(open + ended.reduce((sum, [, all]) => sum + all, 0));
  // A record with an open change is due, now or when its lease ends: else nobody would ever write it.
  const due = dueAt !== null;
  if (state.open.size > 0 || state.claimed) expect(due).toBe(true);
  if (due) expect(hasWork(state) || state.claimed || state.open.size > 0).toBe(true);
}

function plain(fields: Snapshot["fields"]): unknown {
  return [...fields].map(([field, entry]) => ({ field, ...entry })).toSorted((a, b) => (a.field < b.field ? -1 : 1));
}

function hasWork(state: RecordState): boolean {
  return state.pending.size > 0 || state.deletion !== null;
}

class Admit implements Command {
  readonly source: number;
  readonly version: bigint;
  readonly id: string;
  readonly fields: ReadonlyMap<string, number | null> | null;
  constructor(source: number, version: bigint, id: string, fields: Record<string, number | null> | null) {
    this.source = source;
    this.version = version;
    this.id = id;
    this.fields = fields === null ? null : new Map(Object.entries(fields));
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const source = SOURCES[this.source]!;
    const version = { kind: "integer", value: this.version } as const;
    const arrival = nextArrival();
    const stamp: Stamp = stampOf(version, this.source, { finerMicros: null, arrival, run: 0 });
    const effect: Change["effect"] =
      this.fields === null ? { kind: "delete" } : { kind: "fields", fields: this.fields };
    const change: Change = { destination: "crm", ...RECORD, version, effect };
    const event = { id: this.id, type: "t", time: null, source, data: null, headers: {} };
    const [word] = await real.merge([{ event, rank: this.source, arrival, run: 0, changes: [change], faults: [] }]);
    const known = `${source}/${this.id}`;
    if (model.seen.has(known)) {
      expect(word).toBe("duplicate");
    } else {
      model.seen.add(known);
      const wasDead = model.dead;
      const admitted =
        this.fields === null
          ? admitDelete(model.state, source, stamp)
          : { ...admitFields(model.state, source, stamp, this.fields), tally: new Map() };
      expect(word).toBe(admitted.accepted ? "accepted" : "superseded");
      model.accepted += 1;
      model.state = admitted.state;
      if (admitted.accepted) model.parked = false;
      count(model, admitted.tally);
      if (!admitted.accepted) model.outcomes.set("superseded", (model.outcomes.get("superseded") ?? 0) + 1);
      model.dead = wasDead && (hasWork(model.state) || model.state.claimed);
      if (!model.dead) model.parked = false;
    }
    await compare(model, real);
  }
  toString = (): string =>
    `admit(${SOURCES[this.source]} ${this.id}@${this.version} ${this.fields === null ? "delete" : JSON.stringify([...this.fields])})`;
}

class TakeLease implements Command {
  check = (model: Readonly<Model>): boolean => model.state.open.size > 0 || (hasWork(model.state) && !model.dead);
  async run(model: Model, real: Real): Promise<void> {
    // A lease that another holds ends now; a retry's time has come.
    await real.raw.zadd(`${real.tag}:due`, "XX", 0, ID);
    const taken = claim(model.state);
    model.state = taken.state;
    model.parked = false;
    const claimed = await real.lane.claim(ORDER);
    if (claimed.kind !== "claimed") throw new Error("nobody holds this lane");
    expect(claimed.claims).toHaveLength(1);
    const fences = [...real.claims.map((each) => BigInt(each.claim.fence)), BigInt(claimed.claims[0]!.fence)];
    expect(fences).toEqual([...new Set(fences)].toSorted((a, b) => (a < b ? -1 : 1)));
    real.claims.push({ claim: claimed.claims[0]!, snapshot: taken.snapshot });
    expect(await real.lane.claim(ORDER)).toMatchObject({ kind: "wait" });
    await compare(model, real);
  }
  toString = (): string => "claim";
}

type End = "settle" | "wait" | "bury";

class EndClaim implements Command {
  readonly how: End;
  readonly late: boolean;
  constructor(how: End, late: boolean) {
    this.how = how;
    this.late = late;
  }
  check = (model: Readonly<Model>): boolean => model.state.claimed;
  async run(model: Model, real: Real): Promise<void> {
    const at = this.late ? real.claims.length - 2 : real.claims.length - 1;
    const held = real.claims[at];
    if (held === undefined) return;
    const words = await this.end(held.claim, real);
    if (this.late) {
      // The claim lost its lease: its token is refused and nothing changes.
      expect(words.at(-1)).toBe("lost");
    } else {
      this.follow(model, held.snapshot);
    }
    await compare(model, real);
  }
  private async end(held: Claim, real: Real): Promise<string[]> {
    switch (this.how) {
      case "wait":
        return [await real.lane.wait(held, 0, { spent: true })];
      case "bury": {
        const letter = {
          id: held.id,
          at: "",
          destination: "crm",
          ...RECORD,
          reason: { code: "", message: "" },
          events: [],
        };
        return [await real.lane.bury(held, letter)];
      }
      case "settle": {
        const { lane } = real;
        return [await (held.snapshot.deletion === null ? lane.settleFields(held) : lane.settleDelete(held))];
      }
    }
  }
  private follow(model: Model, snapshot: Snapshot): void {
    const apply = ({ state, tally }: { state: RecordState; tally: Tally }): void => {
      model.state = state;
      count(model, tally);
    };
    if (this.how === "wait") {
      model.state = release(model.state);
      return;
    }
    if (this.how === "bury") {
      apply(bury(model.state, snapshot));
      model.dead = hasWork(model.state);
      model.parked = model.dead && model.state.open.size === 0;
      return;
    }
    apply((snapshot.deletion === null ? settleFields : settleDelete)(model.state, snapshot));
    model.dead = false;
  }
  toString = (): string => `${this.how}${this.late ? " (by one who lost the lease)" : ""}`;
}

/** An operator replays or discards a dead letter. A record with newer changes is left to those. */
class Operate implements Command {
  readonly set: ReadonlyMap<string, number | null>;
  readonly drop: ReadonlySet<string>;
  readonly what: "replay" | "discard";
  constructor(what: "replay" | "discard", set: Record<string, number | null>, drop: readonly string[]) {
    this.what = what;
    this.set = new Map(Object.entries(set));
    this.drop = new Set(drop);
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { dead } = real.lane;
    if (this.what === "replay") real.runs += 1;
    const word =
      this.what === "replay"
        ? await dead.replay(ID, this)
        : await dead.discard({
            id: ID,
            at: "",
            destination: "crm",
            ...RECORD,
            reason: { code: "", message: "" },
            events: [],
          });
    if (!model.parked) {
      expect(word).toBe(model.dead ? "underway" : "gone");
    } else if (this.what === "discard") {
      const { state, tally } = discard(model.state);
      model.state = state;
      model.dead = false;
      model.parked = false;
      model.accepted += tally.size;
      count(model, tally);
      expect(word).toBe("discarded");
    } else {
      const state = replay(model.state, this, real.runs);
      const nothing = !hasWork(state);
      expect(word).toBe(nothing ? "empty" : "replayed");
      if (!nothing) {
        model.accepted += state.open.size;
        model.state = state;
        model.dead = false;
        model.parked = false;
      }
    }
    await compare(model, real);
  }
  toString = (): string => `${this.what}(set ${JSON.stringify([...this.set])} drop ${[...this.drop].join(" ")})`;
}

class Repair implements Command {
  readonly of: readonly [back: number, some: readonly string[]];
  constructor(...of: readonly [back: number, some: readonly string[]]) {
    this.of = of;
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    real.ledgers.push(model.state.ledger);
    const [back, some] = this.of;
    const seen = [...(real.ledgers.at(-1 - back) ?? [])].filter(([field]) => some.includes(field));
    const fields = new Map<string, ConfirmedField & { event: string }>(
      seen.map(([field, stamp], at) => [field, { stamp, source: SOURCES[at % 2]!, event: "e", value: at || null }]),
    );
    const state = repair(model.state, fields);
    const isQuiet = !hasWork(model.state) && model.state.open.size === 0 && !model.state.claimed;
    const word = isQuiet ? (state.open.size === 0 ? "newer" : "repaired") : "pending";
    expect(await real.lane.records.repair(RECORD.object, RECORD.key, fields)).toBe(word);
    if (isQuiet) model.accepted += state.open.size;
    model.state = state;
    await compare(model, real);
  }
  toString = (): string => `repair(${this.of.join(" looks ago: ")})`;
}

const fields = fc.dictionary(
  fc.constantFrom("standard::name", "tier", "balance"),
  fc.option(fc.integer({ min: 0, max: 9 }), { freq: 4 }),
  { minKeys: 1 },
);
const merges = fc
  .tuple(
    fc.integer({ min: 0, max: 1 }),
    fc.bigInt({ min: 0n, max: 9n }),
    fc.string({ minLength: 1, maxLength: 2 }),
    fc.option(fields, { freq: 3 }),
  )
  // Deletes are mostly older than fields: a new one ends the history, since nothing after it is newer, and a late one has much to do.
  .map(([source, version, id, set]) => new Admit(source, set === null ? version % 7n : version, id, set));
const ends = fc
  .tuple(fc.constantFrom<End>("settle", "settle", "settle", "wait", "bury"), fc.integer({ max: 3, min: 0 }))
  .map(([how, chance]) => new EndClaim(how, chance === 0));
const operations = fc
  .tuple(
    fc.constantFrom("replay", "discard"),
    fc.dictionary(fc.constantFrom("standard::name", "tier"), fc.integer({ min: 0, max: 9 })),
    fc.uniqueArray(fc.constantFrom("tier", "balance"), { maxLength: 1 }),
  )
  .map((all) => new Operate(...all));
const seen = fc.uniqueArray(fc.constantFrom("standard::name", "tier", "balance"), { minLength: 1 });
const repairs = fc.tuple(fc.nat({ max: 3 }), seen).map((all) => new Repair(...all));
// Merges, claims and their ends stand more than once, so that much is confirmed before late deletes come in.
const claims = fc.constant(new TakeLease());
const commands = [merges, merges, claims, claims, ends, ends, operations, repairs];

async function follow(lanes: number, numRuns: number): Promise<void> {
  await waitUntilReady(redis);
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: "max" }), async (history) => {
      const namespace = randomUUID();
      const lane = await openCrm(redis, namespace, lanes);
      const real: Real = {
        lane,
        raw: redis,
        tag: partTag(namespace, "crm", placeOf(ID, lanes)),
        merge: createMerging(() => lane).merge,
        runs: 0,
        ledgers: [],
        claims: [],
      };
      const model: Model = {
        state: EMPTY_RECORD,
        accepted: 0,
        outcomes: new Map(),
        seen: new Set(),
        dead: false,
        parked: false,
      };
      await fc.asyncModelRun(() => ({ model, real }), history);
      const keys = await redis.keys(`{${namespace}:*`);
      if (keys.length > 0) await redis.del(...keys);
    }),
    { seed: Number(process.env["SLUICE_TEST_SEED"]), numRuns },
  );
}

test("the Redis scripts do what the model says, step by step", async () => {
  await follow(1, 400);
});

test("in a destination of four lanes they do, too", async () => {
  await follow(4, 60);
});
