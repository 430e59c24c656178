import { senders, UnreadableBodyError, type Json, type Sender } from "@sluice/event";
import type { MappedEvent } from "@sluice/record";
import { expect, test } from "vitest";
import { mapped, mappingsOf, NAME, shown } from "./preset.fixture.ts";

/*
 * Kinds of fault that were found at one sender or another, and what holds each at every sender:
 *
 * - a record's id and time taken for an event's id; a version in seconds, then a random id; the time of an attempt: `identity.test.ts` of
 *   packages/event, whose warnings are none for every sender;
 * - a closed list of types: `field-facts.test.ts` beside this, by sender (HubSpot's generic ones, Shopify's other topics);
 * - absent, null and part of a compound: here for every preset, and the compounds of Salesforce, Dataverse and Zoho in `field-facts.test.ts`;
 * - a number that does not promise order: `identity.md`, which says what each version is, made of the schemes;
 * - results by a key that comes twice: `transfer.test.ts`;
 * - a number that is rounded: here for every preset, `json.test.ts` at the door, `field-values.test.ts` at the store;
 * - a time in another spelling: `time.test.ts`, `own-functions.test.ts` for fields;
 * - a key in a place where it means something else: here for every preset that fetches, `fetch.test.ts` for OData;
 * - the envelope's own encoding: `sender-events.test.ts`.
 */

const PRESETS = senders().filter(
  ({ presets, sample }) => presets !== undefined && presets.length > 0 && typeof sample.body !== "string",
);

type Fields = Readonly<Record<string, Json>>;

/** The values that the body sets, by record; undefined: it can't be read, or a fault is told. */
async function setBy(sender: Sender, body: Json): Promise<ReadonlyMap<string, Fields> | undefined> {
  let events: readonly MappedEvent[];
  try {
    events = await mapped(sender, mappingsOf(sender, false), body);
  } catch (error) {
    if (error instanceof UnreadableBodyError) return undefined;
    throw error;
  }
  if (events.some(({ faults }) => faults.length > 0)) return undefined;
  const changes = events.flatMap((event) => event.changes.map(shown)) as [string, string, string, Fields | "deleted"][];
  return new Map(changes.flatMap(([object, key, , set]) => (set === "deleted" ? [] : [[`${object} ${key}`, set]])));
}

function leavesOf(value: Json): readonly (readonly string[])[] {
  if (value === null || typeof value !== "object") return [[]];
  return Object.entries(value).flatMap(([member, inner]) => leavesOf(inner).map((path) => [member, ...path]));
}

/** Undefined: without it. */
function changed(body: Json, path: readonly string[], value: Json | undefined): Json {
  const copy = structuredClone(body);
  let at = copy as Record<string, Json>;
  for (const member of path.slice(0, -1)) at = at[member] as Record<string, Json>;
  const last = path.at(-1)!;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

const thin = (sender: Sender): boolean => sender.event.thin === "always";

test.each(PRESETS.filter((sender) => !thin(sender)).map((sender) => [sender.name, sender] as const))(
  "%s: what is absent leaves its fields alone, what is null or empty clears them, and neither becomes a text",
  async (_, sender) => {
    const { body } = sender.sample;
    const whole = await setBy(sender, body);
    expect(whole?.size).toBeGreaterThan(0);
    for (const path of leavesOf(body)) {
      const cases = [
        { value: undefined, allowed: [undefined] },
        { value: null, allowed: [undefined, null] },
        { value: "", allowed: [undefined, null] },
      ];
      for (const { value, allowed } of cases) {
        // Items of a list are no members, and Dataverse's columns are lists of two members.
        if (value === undefined && (/^\d+$/.test(path.at(-1)!) || path.includes("Attributes"))) continue;
        const left = await setBy(sender, changed(body, path, value));
        for (const [record, set] of left ?? []) {
          const before = whole?.get(record);
          if (before === undefined) continue;
          for (const field of Object.keys(before).filter((each) => each !== NAME)) {
            expect([before[field], ...allowed], `${path.join(".")} = ${String(value)}: ${field}`).toContainEqual(
              set[field],
            );
          }
        }
      }
    }
  },
);

test.each(PRESETS.filter((sender) => !thin(sender)).map((sender) => [sender.name, sender] as const))(
  "%s: a name is a text that says something, whatever the event lacks",
  async (_, sender) => {
    const { body } = sender.sample;
    for (const path of leavesOf(body)) {
      for (const value of [null, "", false]) {
        for (const [, set] of (await setBy(sender, changed(body, path, value))) ?? []) {
          const name = set[NAME];
          expect(
            name === undefined || (typeof name === "string" && name.trim() !== ""),
            `${path.join(".")}: ${JSON.stringify(name)}`,
          ).toBe(true);
          expect(name ?? "").not.toMatch(/null|undefined|false (?=Byron)/);
        }
      }
    }
  },
);

test.each(PRESETS.filter(({ fetch }) => fetch !== undefined).map((sender) => [sender.name, sender] as const))(
  "%s: an id that looks like a part of a URL stays one value of it",
  async (_, sender) => {
    const { body } = sender.sample;
    const asked = async (of: Json): Promise<readonly string[]> => {
      const events = await mapped(sender, mappingsOf(sender, true), of).catch(() => []);
      return events.flatMap(({ changes }) =>
        changes.filter(({ object }) => object.endsWith(".fetch")).map(({ key }) => key.value),
      );
    };
    const [usual = ""] = await asked(body);
    expect(usual).not.toBe("");
    const shape = (url: string): string =>
      `${new URL(url).pathname.split("/").length} ${[...new URL(url).searchParams.keys()].join()}`;
    for (const path of leavesOf(body)) {
      for (const value of ["a/../b", "x?admin=1#y", "1') or ('1'='1"]) {
        for (const url of await asked(changed(body, path, value))) {
          expect(shape(url), url).toBe(shape(usual));
          // Within OData's quotes there is no quote that is not doubled.
          const isOpen = usual.includes("('") && url.replaceAll("''", "").split("'").length !== 3;
          expect(isOpen, url).toBe(false);
        }
      }
    }
  },
);

test("an amount that no double holds comes out as it went in, from every sender that sends amounts as they are", async () => {
  for (const sender of PRESETS.filter((each) => !thin(each))) {
    for (const path of leavesOf(sender.sample.body)) {
      const exact = "12345678901234.5678";
      for (const [record, set] of (await setBy(sender, changed(sender.sample.body, path, exact))) ?? []) {
        for (const [field, value] of Object.entries(set)) {
          expect(value, `${sender.name}: ${record} ${field}`).not.toBe(Number(exact));
        }
      }
    }
  }
});
