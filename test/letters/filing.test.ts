import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { wholeDeadLetter } from "../../packages/operator/src/index.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ACT_STEPS, openFiled, openOwnHistory, STEPS, type ActStep, type Filed, type Step } from "./filing.fixture.ts";

/**
 * Letters between Redis and the history, in random histories: kept, filed, kept again, brought back, replayed, discarded, healed, while
 * processes die between any two steps and the history is away. After every step each letter is seen exactly once, and the books are those
 * of the acts alone: filing changes none.
 */
let own: Awaited<ReturnType<typeof openOwnHistory>>;
beforeAll(async () => {
  own = await openOwnHistory();
  await own.history.letters.days();
});
afterAll(async () => await own.database.close());
const forgetAll = async (): Promise<void> =>
  await own.database.script("truncate sluice_history.dead_letters, sluice_history.letter_filings");
beforeEach(forgetAll);

type Model = {
  /** Names of events whose letters are there, and keys of records. */
  readonly events: Set<string>;
  readonly records: Set<string>;
  accepted: number;
  dead: number;
  discarded: number;
  applied: number;
  isAway: boolean;
  /** The ids of letters that were seen. */
  readonly known: Map<string, string>;
};

type Real = { readonly filed: Filed };
type Command = fc.AsyncCommand<Model, Real>;

const EVENTS = ["a", "b", "c", "d"];
const RECORDS = ["one", "two"];

async function lookAt(model: Model, { filed }: Real): Promise<void> {
  const { accepted, outcomes, deadRecords } = await filed.queue.lane("crm").numbers();
  const books = {
    accepted: accepted.get("erp") ?? 0,
    dead: outcomes.get("dead")!.get("erp") ?? 0,
    discarded: outcomes.get("discarded")!.get("erp") ?? 0,
    applied: outcomes.get("applied")!.get("erp") ?? 0,
  };
  const { accepted: wanted, dead, discarded, applied, events, records, isAway } = model;
  expect(books).toEqual({ accepted: wanted, dead, discarded, applied });
  // An event that failed again may be counted twice until the next `tend`.
  expect(deadRecords).toBeGreaterThanOrEqual(events.size + records.size);
  if (isAway) return;
  expect(names(await filed.letters())).toEqual([...events, ...records].toSorted());
  for (const letter of await filed.letters()) expect(await filed.find(letter.id)).not.toBeNull();
}

function names(letters: Awaited<ReturnType<Filed["letters"]>>): readonly string[] {
  return letters.map(({ key, events: [event] }) => key?.value ?? event!.id).toSorted();
}

function command(tell: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await run(model, real);
      await lookAt(model, real);
    },
    toString: () => tell,
  };
}

const fail = (event: string): Command =>
  command(`${event} fails`, async (model, { filed }) => {
    await filed.fail([event], await filed.queue.nextRun());
    model.accepted += 1;
    model.dead += 1;
    model.events.add(event);
  });
const refuse = (key: string): Command =>
  command(`${key} is refused`, async (model, { filed }) => {
    await filed.refuse(key);
    model.accepted += 1;
    model.dead += 1;
    model.records.add(key);
  });
const heal = (key: string): Command =>
  command(`${key} heals`, async (model, { filed }) => {
    await filed.heal(key);
    model.accepted += 1;
    model.applied += 1;
    model.records.delete(key);
  });
const file = (dies: Step | null): Command =>
  command(`file${dies === null ? "" : `, and die at ${dies}`}`, async (_, { filed }) => await filed.file({ dies }));
/** Something happens to a letter when it is written and has not yet left. */
const fileWhile = (meanwhile: Command): Command =>
  command(`file, while ${String(meanwhile)}`, async (model, real) => {
    let happened = false;
    await real.filed.file({
      async meanwhile() {
        happened = true;
        await meanwhile.run(model, real);
      },
    });
    if (!happened) await meanwhile.run(model, real);
  });
const tend = (): Command =>
  command("tend", async (model, { filed }) => {
    if (model.isAway) return;
    await filed.tend();
    expect((await filed.queue.lane("crm").numbers()).deadRecords).toBe(model.events.size + model.records.size);
  });
const away = (isAway: boolean): Command =>
  command(isAway ? "the history goes away" : "the history is back", async (model, { filed }) => {
    filed.away(isAway);
    model.isAway = isAway;
  });
const act = (how: "replay" | "discard", name: string, dieAt: ActStep | "plain" | null): Command =>
  command(
    `${how} ${name}${dieAt === null ? "" : dieAt === "plain" ? " in Redis alone" : `, and die at ${dieAt}`}`,
    async (model, { filed }) => {
      if (model.isAway && model.known.get(name) === undefined) return;
      const id = model.known.get(name) ?? (await filed.letters()).find((letter) => names([letter])[0] === name)?.id;
      if (id === undefined) return;
      model.known.set(name, id);
      const word = await filed[how](id, dieAt);
      const isThere = model.events.has(name) || model.records.has(name);
      if (word === "died" || word === "away" || (dieAt === "plain" && word === "gone")) return;
      expect([isThere, word]).toEqual([isThere, isThere ? (how === "discard" ? "discarded" : word) : "gone"]);
      if (!isThere) return;
      expect(["accepted", "replayed", "discarded"]).toContain(word);
      model.accepted += 1;
      if (how === "replay") model.applied += 1;
      else model.discarded += 1;
      model.events.delete(name);
      model.records.delete(name);
    },
  );

const acts = fc
  .tuple(
    fc.constantFrom<"replay" | "discard">("replay", "discard"),
    fc.constantFrom(...EVENTS, ...RECORDS),
    fc.option(fc.constantFrom(...ACT_STEPS, "plain" as const)),
  )
  .map((all) => act(...all));
const commands = [
  fc.constantFrom(...EVENTS).map(fail),
  fc.constantFrom(...EVENTS).map(fail),
  fc.constantFrom(...RECORDS).map(refuse),
  fc.constantFrom(...RECORDS).map(heal),
  fc.option(fc.constantFrom(...STEPS)).map(file),
  fc.option(fc.constantFrom(...STEPS)).map(file),
  fc.oneof(acts, fc.constantFrom(...EVENTS).map(fail)).map(fileWhile),
  fc.constant(tend()),
  fc.boolean().map(away),
  acts,
  acts,
];

test.each([1, 4])(
  "in a destination of %i lanes each letter is seen once, and the books are those of the acts",
  async (lanes) => {
    const seed = Number(process.env["SLUICE_TEST_SEED"]);
    const numRuns = 40 * Number(process.env["SLUICE_TEST_RUNS"] ?? 1);
    console.log(`filing, seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: "max" }), async (history) => {
        await forgetAll();
        const filed = await openFiled(own, { lanes });
        const model: Model = {
          events: new Set(),
          records: new Set(),
          known: new Map(),
          accepted: 0,
          dead: 0,
          discarded: 0,
          applied: 0,
          isAway: false,
        };
        try {
          await fc.asyncModelRun(() => ({ model, real: { filed } }), history);
          await fc.asyncModelRun(() => ({ model, real: { filed } }), [away(false), file(null), tend()]);
        } finally {
          await filed.close();
        }
      }),
      { seed, numRuns },
    );
  },
);

test("letters in the history go where their destination's records are moved, and a destination that has some is not discarded", async () => {
  const namespace = `filed-${randomUUID()}`;
  const before = await openFiled(own, { namespace, destination: "old" });
  await before.fail(["x", "y", "z"]);
  await before.file({ dies: "settle" });
  const done = (): void => {};
  await before.close();
  const after = await openFiled(own, { namespace });
  try {
    // A filing that a process left must be ended first: the lane that is to go is the only place that knows of it.
    await expect(after.queue.lanes.removal.move("old", "crm", done)).rejects.toMatchObject({
      code: "letters_underway",
    });
    await after.tend();
    await expect(after.queue.lanes.removal.discard("old", done)).rejects.toMatchObject({ code: "lane_filed" });
    await after.queue.lanes.removal.move("old", "crm", done);
    const seen = async () => (await after.letters()).map(({ destination, id }) => `${destination} ${id}`).length;
    const destinations = async () => new Set((await after.letters()).map(({ destination }) => destination));
    // Before the history knows of it, and after.
    expect([await seen(), await destinations()]).toEqual([3, new Set(["crm"])]);
    await after.tend();
    expect([await seen(), await destinations()]).toEqual([3, new Set(["crm"])]);
    expect((await after.queue.lane("crm").numbers()).deadRecords).toBe(3);
    const [letter] = await after.letters();
    expect(await after.replay(letter!.id)).toBe("accepted");
    expect((await after.queue.lane("crm").numbers()).deadRecords).toBe(2);
    expect(await seen()).toBe(2);
  } finally {
    await after.close();
  }
});

test("the whole of a record's letter is shown as long as it is the same, also when its heavy part has left", async () => {
  const filed = await openFiled(own);
  try {
    await filed.refuse("one");
    await filed.file();
    const [short] = await filed.letters();
    expect(short).toMatchObject({ key: { value: "one" }, reason: { code: "RecordInvalid" }, cut: expect.any(String) });
    expect(short!.change).toBeUndefined();
    expect(await wholeDeadLetter(filed.fleet, short!)).toMatchObject({
      change: { fields: { tier: "x".repeat(2000) } },
      request: { method: "PATCH" },
    });
    await filed.heal("one");
    expect(await filed.letters()).toEqual([]);
  } finally {
    await filed.close();
  }
});
