import fc from "fast-check";
import { expect, test } from "vitest";
import {
  admitDelete,
  admitFields,
  bury,
  claim,
  EMPTY_RECORD,
  release,
  settleDelete,
  settleFields,
  stampOf,
  type RecordState,
  type Snapshot,
  type Stamp,
  type Tally,
} from "@sluice/record";
import { eventsOf, type FoundChange } from "../shown/event-row.ts";
import { joinWebhook } from "../read.ts";
import { BEGAN_MICROS, flightOf, webhookOf } from "../understood.fixture.ts";
import type { Flown, Ending } from "../written/flown.ts";
import { readFlown, writeFlown } from "../written/flown.ts";
import { readUnderstood, writeUnderstood, type ChangeWord, type Understood } from "../written/understood.ts";
import { explainFields } from "./explain-fields.ts";
import { endIn, storyOf, type RecordStory } from "./record-story.ts";

const seed = Number(process.env["SLUICE_TEST_SEED"]);
console.log(`traces of random records, seed ${seed}`);

type Event = { readonly version: bigint; readonly fields: Readonly<Record<string, string>> | null };
type Step =
  | { readonly kind: "deliver"; readonly of: number; readonly isLost: boolean }
  | { readonly kind: "again"; readonly of: number }
  | { readonly kind: "claim" }
  | { readonly kind: "end"; readonly verdict: "settled" | "buried" | "retry"; readonly isLost: boolean };

const events = fc.array(
  fc.record({
    version: fc.bigInt({ min: 0n, max: 6n }),
    fields: fc.option(
      fc.dictionary(fc.constantFrom("tier", "city", "balance"), fc.string({ maxLength: 4 }), { minKeys: 1 }),
      {
        freq: 5,
      },
    ),
  }),
  { minLength: 1, maxLength: 8 },
);
const verdicts = fc.constantFrom<"settled" | "buried" | "retry">("settled", "settled", "settled", "buried", "retry");
function steps(mayLose: boolean): fc.Arbitrary<readonly Step[]> {
  const isLost = mayLose ? fc.boolean() : fc.constant(false);
  return fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("deliver" as const), of: fc.nat(7), isLost }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("again" as const), of: fc.nat(7) }) },
      { weight: 3, arbitrary: fc.constant({ kind: "claim" as const }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant("end" as const),
          verdict: verdicts,
          isLost,
        }),
      },
    ),
    { maxLength: 40 },
  );
}

/** A record as it is under the product's own rule, and what a worker would have archived of it. */
class World {
  state: RecordState = EMPTY_RECORD;
  readonly lines: string[] = [];
  readonly flights: Flown[] = [];
  readonly lostFlights: Flown[] = [];
  readonly tally = new Map<string, number>();
  readonly made = new Map<string, { readonly id: string; readonly fields: Event["fields"] }>();
  #flying: { readonly snapshot: Snapshot; readonly token: number } | null = null;
  readonly #first = new Map<number, number>();
  #now = 0;

  deliver(event: Event, of: number, isLost: boolean): void {
    const again = this.#first.has(of);
    const micros = this.#tick();
    // A repetition has an arrival of its own, and is known by its id.
    if (again) return this.#archive(event, of, micros, "duplicate");
    this.#first.set(of, micros);
    const stamp = stampFor(event, micros);
    this.made.set(textOf(stamp), { id: `e-${of}`, fields: event.fields });
    const admitted =
      event.fields === null
        ? admitDelete(this.state, "erp", stamp)
        : { ...admitFields(this.state, "erp", stamp, new Map(Object.entries(event.fields))), tally: new Map() };
    this.state = admitted.state;
    this.#count(admitted.tally);
    if (!admitted.accepted) this.#add("superseded", 1);
    const word = admitted.accepted ? "accepted" : "superseded";
    // A worker that dies before it has written: the webhook is understood again, and all that is known then is that it was merged.
    this.#archive(event, of, micros, isLost ? "same" : word);
  }

  /** The job is tried again after it was archived. */
  again(event: Event, of: number): void {
    const micros = this.#first.get(of);
    if (micros !== undefined) this.#archive(event, of, micros, "same");
  }

  claim(): void {
    if (this.#flying !== null || (this.state.pending.size === 0 && this.state.deletion === null)) return;
    const { state, snapshot } = claim(this.state);
    // A change that had its outcome as a dead letter goes out only with something newer.
    if (snapshot.open.size === 0) return;
    this.state = state;
    this.#flying = { snapshot, token: BEGAN_MICROS + this.#tick() };
  }

  end(verdict: "settled" | "buried" | "retry", isLost: boolean): void {
    if (this.#flying === null) return;
    const { snapshot, token } = this.#flying;
    this.#flying = null;
    const effect = snapshot.deletion === null ? "fields" : "delete";
    if (verdict === "retry") this.state = release(this.state);
    else {
      const settle = effect === "delete" ? settleDelete : settleFields;
      const ended = verdict === "buried" ? bury(this.state, snapshot) : settle(this.state, snapshot);
      this.state = ended.state;
      this.#count(ended.tally);
    }
    const flown = flownOf(snapshot, effect, token, verdict, BEGAN_MICROS + this.#tick());
    if (isLost) this.lostFlights.push(flown);
    else this.flights.push(readFlown(writeFlown(flown)));
  }

  story(flights: readonly Flown[], more: Partial<Pick<RecordStory, "gaps" | "isAll">> = {}): RecordStory {
    return storyOf(onceOf(this.lines.map(readUnderstood)).flatMap(changesIn), flights, more);
  }

  #archive(event: Event, of: number, micros: number, word: ChangeWord): void {
    const told = {
      micros,
      id: `e-${of}`,
      version: event.version,
      word,
      fields: event.fields ?? {},
      isDelete: event.fields === null,
    };
    this.lines.push(writeUnderstood({ ...webhookOf(told), understoodMs: (BEGAN_MICROS + this.#tick()) / 1000 }));
  }

  #tick(): number {
    return (this.#now += 1000);
  }

  #count(tally: Tally): void {
    for (const outcomes of tally.values()) for (const [outcome, count] of outcomes) this.#add(outcome, count);
  }

  #add(outcome: string, count: number): void {
    this.tally.set(outcome, (this.tally.get(outcome) ?? 0) + count);
  }
}

function stampFor({ version }: Event, micros: number): Stamp {
  const arrival = { micros: BEGAN_MICROS + micros, session: 3 };
  return stampOf({ kind: "integer", value: version }, 0, { finerMicros: null, arrival, run: 0 });
}

function textOf({ version, tail }: Stamp): string {
  return `${version} ${tail}`;
}

function flownOf(
  snapshot: Snapshot,
  effect: Flown["effect"],
  token: number,
  verdict: Ending,
  endedMicros: number,
): Flown {
  const carried = Map.groupBy(snapshot.fields, ([, { stamp }]) => textOf(stamp));
  return {
    record: { destination: "crm", object: "customer", by: "external_id", key: "4711" },
    token: String(token),
    attempt: 1,
    isProbe: false,
    effect,
    sentMs: token / 1000,
    endedMs: endedMicros / 1000,
    durationMs: 1,
    records: 1,
    job: null,
    status: "200",
    answer: "done",
    verdict,
    code: null,
    message: null,
    carried: [...carried.values()].map((fields) => ({
      stamp: fields[0]![1].stamp,
      isOpen: fields[0]![1].change > 0,
      fields: fields.map(([field]) => field),
    })),
    deletion:
      snapshot.deletion === null ? null : { stamp: snapshot.deletion.stamp, isOpen: snapshot.deletion.change > 0 },
    refused: [],
    request: null,
    response: null,
  };
}

function onceOf(webhooks: readonly Understood[]): readonly Understood[] {
  const known: Understood[] = [];
  for (const webhook of webhooks) if (!joinWebhook(known, webhook)) known.push(webhook);
  return known;
}

function changesIn(webhook: Understood): readonly FoundChange[] {
  return eventsOf(webhook).flatMap((found) => found.event.changes.map((change) => ({ ...found, change })));
}

function happened(all: readonly Event[], taken: readonly Step[]): World {
  const world = new World();
  for (const step of taken) {
    if (step.kind === "claim") world.claim();
    else if (step.kind === "end") world.end(step.verdict, step.isLost);
    else {
      const event = all[step.of % all.length]!;
      if (step.kind === "deliver") world.deliver(event, step.of % all.length, step.isLost);
      else world.again(event, step.of % all.length);
    }
  }
  return world;
}

test("every field is explained by the very event whose value the ledger shows, whatever came when, twice, or between crashes", () => {
  fc.assert(
    fc.property(events, steps(true), (all, taken) => {
      const world = happened(all, taken);
      const { ledger, pending } = world.state;
      const explained = explainFields({ confirmed: ledger, pending, aside: new Map() }, world.story(world.flights));
      const byField = new Map(explained.map((each) => [each.field, each]));
      for (const [field, stamp] of ledger) {
        const meant = world.made.get(textOf(stamp))!;
        const { confirmed } = byField.get(field)!;
        expect(confirmed).toMatchObject({
          isKnown: true,
          value: meant.fields?.[field] ?? null,
          event: { id: meant.id },
        });
      }
      for (const [field, { stamp, value }] of pending) {
        const { pending: waits } = byField.get(field)!;
        expect(waits).toMatchObject({ isKnown: true, value, event: { id: world.made.get(textOf(stamp))!.id } });
      }
      // Nothing that was accepted is missing: what stands nowhere lost to something newer, and it is told to what.
      for (const [text, { id, fields }] of world.made) {
        for (const field of Object.keys(fields ?? {})) {
          const { confirmed, pending: waits, replaced, refused } = byField.get(field)!;
          const told = [confirmed, waits, ...replaced, ...refused].filter((each) => each?.event.id === id);
          expect(told.length, `${text} ${field}`).toBeGreaterThan(0);
        }
      }
    }),
    { seed, numRuns: 400 },
  );
});

test("how changes ended, by their stamps, is what was counted", () => {
  fc.assert(
    fc.property(events, steps(false), (all, taken) => {
      const world = happened(all, taken);
      const open = [...world.state.open.values()].reduce((sum, count) => sum + count, 0);
      const story = world.story(world.flights);
      const counted = new Map<string, number>();
      for (const found of story.changes) {
        const { outcome } = endIn(story, found);
        if (outcome !== "duplicate") counted.set(outcome, (counted.get(outcome) ?? 0) + 1);
      }
      const books = new Map([...world.tally, ["pending", open] as const]);
      // A change that was overtaken while it waits is counted with the next flight; the history knows it before.
      const summed = (of: ReadonlyMap<string, number>): object => ({
        applied: of.get("applied") ?? 0,
        merged: of.get("merged") ?? 0,
        dead: of.get("dead") ?? 0,
        unknown: of.get("unknown") ?? 0,
        superseded: (of.get("superseded") ?? 0) + (of.get("pending") ?? 0),
        pending: open === 0 ? (of.get("pending") ?? 0) : "open",
      });
      expect(summed(counted)).toEqual(summed(books));
    }),
    { seed, numRuns: 400 },
  );
});

test("where flights were lost with their worker, nothing is said of a change that is not so", () => {
  fc.assert(
    fc.property(events, steps(true), (all, taken) => {
      const world = happened(all, taken);
      const truth = world.story([...world.flights, ...world.lostFlights]);
      const times = world.lostFlights.map(({ endedMs }) => [endedMs - 1, endedMs + 1] as const);
      const known = world.story(world.flights, { gaps: times });
      for (const [at, found] of known.changes.entries()) {
        const said = endIn(known, found).outcome;
        expect(["unknown", "pending", endIn(truth, truth.changes[at]!).outcome]).toContain(said);
      }
    }),
    { seed, numRuns: 400 },
  );
});

test("a change is not called pending where not all of its record's flights could be read", () => {
  const world = new World();
  world.deliver({ version: 1n, fields: { tier: "gold" } }, 0, false);
  world.claim();
  world.end("settled", false);
  const outcomeOf = (story: RecordStory): string => endIn(story, story.changes[0]!).outcome;
  expect(outcomeOf(world.story(world.flights))).toBe("applied");
  expect(outcomeOf(world.story([]))).toBe("pending");
  expect(outcomeOf(world.story([], { isAll: false }))).toBe("unknown");
});

test("after a record's versions were forgotten, a change is not taken for overtaken by what was written before", () => {
  const before = webhookOf({ micros: 0, version: 9n });
  const after = webhookOf({ micros: 5_000_000, version: 3n });
  const changes = [before, after].flatMap(changesIn);
  const flights = [flightOf(1_000, [before])];
  const endAfter = (known: readonly Flown[]): string => endIn(storyOf(changes, known), changes[1]!).outcome;
  expect(endAfter(flights)).toBe("pending");
  expect(endAfter([...flights, flightOf(5_100_000, [after])])).toBe("applied");
});
