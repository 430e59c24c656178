import { join, type JoinedPart } from "@sluice/record";
import { recordArguments, type IncomingChange, type MergeWord, type ScriptArgument } from "./incoming-change.ts";
import { MAX_MERGE_BYTES, MAX_MERGE_CHANGES, MAX_MERGE_WEIGHT } from "../limits.ts";
import { weightOf } from "./script-weight.ts";

/** Changes of one record that go into a script together, already joined. */
export type RecordGroup = {
  /** Places of the changes among all that are merged at once. */
  readonly places: readonly number[];
  readonly parts: readonly JoinedPart[];
  readonly args: readonly ScriptArgument[];
  /** The weight of their fields. */
  readonly weight: number;
  readonly bytes: number;
};

/**
 * Groups the changes by record, and joins those of each. `again`: second deliveries of an event within these changes. They are
 * merged after the others, by themselves, since a join must not hide that they were merged before.
 */
export function groupByRecord(changes: readonly IncomingChange[]): {
  readonly groups: readonly RecordGroup[];
  readonly again: readonly number[];
} {
  const byRecord = new Map<string, number[]>();
  const seen = new Set<string>();
  const again: number[] = [];
  for (const [place, { id, digest, order }] of changes.entries()) {
    const delivery = digest.toString("latin1");
    if (seen.has(delivery)) {
      again.push(place);
      continue;
    }
    seen.add(delivery);
    // Versions of two kinds don't compare, so they are not joined: the script tells the stray one.
    const name = `${id} ${order}`;
    const places = byRecord.get(name);
    if (places === undefined) byRecord.set(name, [place]);
    else places.push(place);
  }
  return { groups: [...byRecord.values()].map((places) => groupOf(changes, places)), again };
}

export function groupOf(changes: readonly IncomingChange[], places: readonly number[]): RecordGroup {
  const own = places.map((place) => changes[place]!);
  const parts = partsOf(own);
  const args = recordArguments(own, parts);
  const fields = parts.reduce((sum, { effect }) => sum + (effect.kind === "fields" ? effect.fields.size : 1), 0);
  return {
    places,
    parts,
    args,
    weight: weightOf(fields),
    bytes: args.reduce<number>((sum, arg) => sum + bytesOf(arg), 0),
  };
}

function partsOf(changes: readonly IncomingChange[]): readonly JoinedPart[] {
  const [first] = changes;
  if (first?.what.kind === "change" && changes.length > 1) {
    return join(changes.flatMap(({ what }) => (what.kind === "change" ? [what] : [])));
  }
  const effect = first?.what.kind === "change" ? first.what.effect : ({ kind: "delete" } as const);
  return [{ index: 0, effect, tied: false }];
}

function bytesOf(argument: ScriptArgument): number {
  return typeof argument === "number" ? 8 : argument.length;
}

/** Groups for one run of the script each: bounds on how long Redis is busy with it. */
export function scriptsOf(groups: readonly RecordGroup[]): readonly (readonly RecordGroup[])[] {
  const scripts: RecordGroup[][] = [];
  let changes = Infinity;
  let weight = 0;
  let bytes = 0;
  for (const group of groups) {
    changes += group.places.length;
    weight += group.weight;
    bytes += group.bytes;
    if (changes > MAX_MERGE_CHANGES || weight > MAX_MERGE_WEIGHT || bytes > MAX_MERGE_BYTES) {
      scripts.push([]);
      ({ weight, bytes } = group);
      changes = group.places.length;
    }
    scripts.at(-1)!.push(group);
  }
  return scripts;
}

/** The script's words about a group, at the places of its changes. */
export function spread(group: RecordGroup, words: readonly MergeWord[], all: (MergeWord | undefined)[]): void {
  for (const [at, { index }] of group.parts.entries()) all[group.places[index]!] = words[at];
}
