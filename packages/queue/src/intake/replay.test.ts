import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "@sluice/event";
import type { MappedEvent } from "@sluice/record";
import { ORDER } from "../claims/claim-order.fixture.ts";
import type { Queue } from "../index.ts";
import { openIntakePlace, webhookOf } from "./intake.fixture.ts";
import type { IntakeWebhook } from "./webhook.ts";

/**
 * Past events are understood again under another mapping beside live ones: in any order, twice, broken off, and handed over again after a
 * crash. No write may bring a field an older event's value than it had, nor one of the old mapping over one of the new.
 */

type Mapping = "old" | "new";
type Sent = {
  readonly record: "a" | "b";
  readonly version: number;
  readonly fields: readonly ("tier" | "city")[];
  /** `later`: the old mapping does not want it. */
  readonly type: "early" | "later";
  /** Its sender sends it again. */
  readonly isRepeated: boolean;
};

const FIELDS = ["tier", "city"] as const;

const sent = fc.record<Sent>({
  record: fc.constantFrom("a", "b"),
  // Few versions, so that many tie: then arrivals decide.
  version: fc.integer({ min: 1, max: 3 }),
  fields: fc.constantFrom(["tier"], ["city"], ["tier", "city"]),
  type: fc.constantFrom("early", "early", "later"),
  isRepeated: fc.boolean(),
});

const plan = fc.record({
  past: fc.array(sent, { minLength: 1, maxLength: 12 }),
  live: fc.array(sent, { maxLength: 8 }),
  /** How far each of the replays comes, and the order of what it hands over. */
  replays: fc.array(fc.constantFrom(0.4, 1, 1), { minLength: 1, maxLength: 2 }),
  /** Decides which is next, live or one of the replays, whether the last batch is handed over again, and whether records are written. */
  chance: fc.nat(),
});

/** The fields that a mapping reads of an event. The new one reads no cities of version 2. */
function fieldsOf(event: Sent, mapping: Mapping): readonly ("tier" | "city")[] {
  if (mapping === "old") return event.type === "later" ? [] : event.fields;
  return event.version === 2 ? event.fields.filter((field) => field !== "city") : event.fields;
}

/** An event in the order of its record's events: its version, then when it first came in. */
type Placed = Sent & { readonly name: string; readonly micros: number };

function isNewer(a: Placed, b: Placed): boolean {
  return a.version !== b.version ? a.version > b.version : a.micros > b.micros;
}

test("no record goes back when past events are understood again beside live ones, whatever happens in between", async () => {
  const seed = Number(process.env["SLUICE_TEST_SEED"]);
  console.log(`replay, seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(plan, async ({ past, live, replays, chance }) => {
      const at = openIntakePlace();
      try {
        const door = await at.open("door");
        const events = new Map<string, Placed>();
        let mapping: Mapping = "old";
        /** The mapping with which each delivery was understood last is told by its values. */
        const read = async (webhook: IntakeWebhook): Promise<readonly MappedEvent[]> => [
          mappedBy(mapping, webhook, events.get(webhook.kept.body)!),
        ];
        await at.understand({ read });
        await at.understand({ read });
        const written = new Destination(events);

        const arrive = async (event: Sent, name: string): Promise<IntakeWebhook> => {
          const isFirst = !events.has(name);
          // It may be understood before its arrival is known here.
          if (isFirst) events.set(name, { ...event, name, micros: Number.NaN });
          const webhook = webhookOf([name]);
          const kept = { ...webhook.kept, body: name };
          const arrival = await door.intake.add({ ...webhook, kept });
          if (isFirst) events.set(name, { ...event, name, micros: arrival.micros });
          return { ...webhook, kept, arrival };
        };
        const understood = async (): Promise<void> =>
          void (await at.until(({ jobs }) => jobs.completed === jobs.added && jobs.active === 0));

        // All of these come in under the old mapping. A repetition comes in later, and is one.
        const kept: IntakeWebhook[] = [];
        for (const [index, event] of past.entries()) {
          kept.push(await arrive(event, `past-${index}`));
        }
        await understood();
        for (const [index, event] of past.entries()) {
          // The first delivery alone is replayed of an event that nobody wanted.
          if (!event.isRepeated || event.type === "later") continue;
          kept.push(await arrive(event, `past-${index}`));
        }
        await understood();
        await written.write(door);

        mapping = "new";
        const dice = diceOf(chance);
        const chosen = replays.map((share) => stir(kept, dice).slice(0, Math.ceil(kept.length * share)));
        const handed = chosen.map((all, index) => ({ run: index + 1, left: [...all], last: [] as IntakeWebhook[] }));
        const waiting = live.map((event, index) => ({ event, name: `live-${index}` }));
        while (waiting.length > 0 || handed.some(({ left }) => left.length > 0)) {
          const which = dice(handed.length + 1);
          const replay = handed[which];
          if (replay === undefined) {
            const [one] = waiting.splice(0, 1);
            if (one !== undefined) await arrive(one.event, one.name);
          } else {
            if (dice(4) !== 0) replay.last = replay.left.splice(0, 1 + dice(4));
            const batch = replay.last.map((webhook) => ({ ...webhook, run: replay.run }));
            if (batch.length > 0) await door.intake.backfill.add(batch, { erp: "d" });
          }
          if (dice(3) === 0) await written.write(door);
        }
        await understood();
        await written.write(door);

        const firsts = chosen
          .flat()
          .filter(({ arrival, kept: { body } }) => arrival.micros === events.get(body)!.micros);
        const replayed = new Set(firsts.map(({ kept: { body } }) => body));
        for (const record of ["a", "b"] as const) {
          for (const field of FIELDS) {
            expect([record, field, written.value(record, field)]).toEqual([
              record,
              field,
              expected([...events.values()], record, field, replayed),
            ]);
          }
        }
        const account = await door.lane("crm").audit(() => {});
        expect(account.every(({ missing }) => missing === 0)).toBe(true);
      } finally {
        await at.close();
      }
    }),
    { seed, numRuns: 16 * Number(process.env["SLUICE_TEST_RUNS"]) },
  );
});

/** Numbers below `sides`, always the same for one seed. */
function diceOf(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % sides;
  };
}

function stir<T>(all: readonly T[], dice: (sides: number) => number): T[] {
  return all
    .map((each) => ({ each, at: dice(1000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ each }) => each);
}

/** A value tells the event and the mapping that it is from. */
function mappedBy(mapping: Mapping, { arrival, rank, run }: IntakeWebhook, event: Placed): MappedEvent {
  const fields = fieldsOf(event, mapping);
  const change = {
    destination: "crm",
    object: "customer",
    key: { by: "external_id", value: event.record },
    version: { kind: "integer", value: BigInt(event.version) },
    effect: { kind: "fields", fields: new Map(fields.map((field) => [field, `${mapping} ${event.name}`])) },
  } as const;
  return {
    event: { id: event.name, type: event.type, time: null, source: "erp", data: null, headers: {} },
    rank,
    arrival,
    run,
    changes: fields.length === 0 ? [] : [change],
    faults: [],
  };
}

/** The newest event that speaks of a field, by the newest mapping that it went through and that reads the field of it. */
function expected(
  events: readonly Placed[],
  record: string,
  field: "tier" | "city",
  replayed: ReadonlySet<string>,
): string | null {
  const said = events
    .filter((event) => event.record === record)
    .flatMap((event) => {
      const isNew = event.name.startsWith("live") || replayed.has(event.name);
      if (isNew && fieldsOf(event, "new").includes(field)) return [{ event, value: `new ${event.name}` }];
      const wasOld = event.name.startsWith("past") && fieldsOf(event, "old").includes(field);
      return wasOld ? [{ event, value: `old ${event.name}` }] : [];
    });
  return (
    said.reduce<(typeof said)[number] | null>(
      (best, each) => (best === null || isNewer(each.event, best.event) ? each : best),
      null,
    )?.value ?? null
  );
}

/** A destination that takes every write, and tells when one brings a field something older than it has. */
class Destination {
  readonly #values = new Map<string, string>();
  readonly #events: ReadonlyMap<string, Placed>;

  constructor(events: ReadonlyMap<string, Placed>) {
    this.#events = events;
  }

  value(record: string, field: string): string | null {
    return this.#values.get(`${record} ${field}`) ?? null;
  }

  /** Writes all that is due. */
  async write({ lane }: Queue): Promise<void> {
    for (;;) {
      const claimed = await lane("crm").claim({ ...ORDER, requests: 10 });
      if (claimed.kind !== "claimed" || claimed.claims.length === 0) return;
      for (const claim of claimed.claims) {
        for (const [field, { value }] of claim.snapshot.fields) this.#set(`${claim.key.value} ${field}`, value);
        await lane("crm").settleFields(claim);
      }
    }
  }

  #set(place: string, value: Json): void {
    const [mapping = "", name = ""] = (value as string).split(" ");
    const [oldMapping = "", oldName] = this.#values.get(place)?.split(" ") ?? [];
    if (oldName !== undefined) {
      const [now, before] = [this.#events.get(name)!, this.#events.get(oldName)!];
      if (isNewer(before, now)) throw new Error(`${place} went back from ${oldName} to ${name}`);
      if (name === oldName && oldMapping === "new" && mapping === "old")
        throw new Error(`${place} went back to the old mapping of ${name}`);
    }
    this.#values.set(place, value as string);
  }
}
