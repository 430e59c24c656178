import type { Json, Sender } from "@sluice/event";
import { expect } from "vitest";
import { hasPreset, isThin, type Kind } from "./kind.fixture.ts";
import { changed, leavesOf, NAME, setBy } from "./preset.fixture.ts";
import { presetSamples, sampledWith, type PresetSample } from "./preset-samples.fixture.ts";
import { isXml } from "./sample-places.fixture.ts";

const THIN = "test/e2e/thin-presets.test.ts";

export const partial: Kind = {
  name: "K4: absent, null and part of a compound",
  cell: (sender) => {
    if (!hasPreset(sender))
      return {
        looked: "that there is no preset which could tell them apart wrongly",
        none: "rows are the operator's: docs/mapping.md",
        run: () => expect(sender.presets ?? []).toEqual([]),
      };
    if (isThin(sender))
      return { looked: "its documents", test: "whatever value of a document is null or missing", in: THIN };
    if (isXml(sender))
      return {
        looked: "that an emptied field is left out of the message",
        test: "whatever value of a sample is null or missing",
        in: "packages/cli/src/senders/presets.test.ts",
      };
    return {
      looked: "each value that the presets read, of every object, absent, null and empty",
      run: async () => {
        await clearsRightly(sender);
        const samples = presetSamples(sender);
        for (const sample of samples) await clearsRightly(sampledWith(sender, sample));
        await expectAllFields(sender, samples);
      },
    };
  },
};

/** The samples fill every field of every object, or a field would have been tried by nobody. */
async function expectAllFields(sender: Sender, samples: readonly PresetSample[]): Promise<void> {
  const filled = new Set<string>();
  for (const sample of samples) {
    for (const [record, set] of (await setBy(sampledWith(sender, sample), sample.body)) ?? []) {
      for (const [field, value] of Object.entries(set)) {
        if (value !== null) filled.add(`${record.replace(/ .*/, "")}.${field}`);
      }
    }
  }
  const wanted = (sender.presets ?? []).flatMap(({ object, fields }) => fields.map(({ key }) => `${object}.${key}`));
  expect(
    wanted.filter((field) => !filled.has(field)),
    "fields that no webhook in preset-samples.fixture.ts fills",
  ).toEqual([]);
}

/** Lists and objects that an event carries whole or not at all: what such a one lacks is empty. */
const WHOLE = /^(?:data|_embedded)\.(?:emails|phones|prices)\.|^(?:default_address|billing|variants|customer)\./;

async function clearsRightly(sender: Sender): Promise<void> {
  const { body } = sender.sample;
  const whole = await setBy(sender, body);
  expect(whole?.size).toBeGreaterThan(0);
  // The names of Dataverse's types are no values.
  for (const path of leavesOf(body).filter((each) => each.at(-1) !== "__type")) {
    const cases = [
      { value: undefined, allowed: WHOLE.test(path.join(".")) ? [undefined, null] : [undefined] },
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
          const said = value === undefined ? "left out" : `set to ${JSON.stringify(value)}`;
          const rule =
            value === undefined
              ? "what is missing leaves its field alone, unless WHOLE of partial-kind.fixture.ts names the list or object as one that comes whole"
              : "what is empty clears its field or leaves it alone";
          const place = `${record}: with \`${path.join(".")}\` ${said} the field \`${field}\` became ${JSON.stringify(set[field])}; ${rule} (docs/mapping.md)`;
          expect([before[field], ...allowed], place).toContainEqual(set[field]);
        }
        expectName(set[NAME], path.join("."));
      }
    }
    for (const [, set] of (await setBy(sender, changed(body, path, false))) ?? [])
      expectName(set[NAME], path.join("."));
  }
}

/** A name is a text that is not empty, or is not there. */
function expectName(name: Json | undefined, place: string): void {
  expect(
    name === undefined || (typeof name === "string" && name.trim() !== ""),
    `${place}: ${JSON.stringify(name)}`,
  ).toBe(true);
  expect(name ?? "").not.toMatch(/null|undefined|false (?=Byron)/);
}
