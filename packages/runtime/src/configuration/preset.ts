import {
  findSender,
  presetFetches,
  presetObjects,
  presetRows,
  senders,
  type WrittenObject,
  type WrittenRow,
} from "@sluice/event";
import type { ObjectConfiguration } from "./configuration.ts";
import type { Refuse } from "./part.ts";
import type { Path } from "./path-text.ts";

/** The rows and objects that `records: preset` stands for. */
export type ReadPreset = {
  readonly rows: readonly (WrittenRow & { readonly version_kind: "time" })[];
  readonly objects: ReadonlyMap<string, WrittenObject>;
};

/** The rows of a source with `records: preset`, or `{ preset: true, destination }`; undefined: the source has rows of its own. */
export function readPreset(
  source: Readonly<Record<string, unknown>>,
  path: Path,
  destinations: readonly string[],
  refuse: Refuse,
): ReadPreset | undefined {
  const { scheme, records } = source;
  const isObject = typeof records === "object" && records !== null && "preset" in records;
  if (records !== "preset" && !isObject) return undefined;
  const sender = typeof scheme === "string" ? findSender(scheme) : undefined;
  if (sender?.presets === undefined) {
    const known = senders().flatMap(({ name, presets }) => (presets === undefined ? [] : [name]));
    refuse(
      path,
      `the scheme ${typeof scheme === "string" ? scheme : "that is written out"} has no preset`,
      known.join(", "),
    );
    return undefined;
  }
  const named = isObject && "destination" in records ? records.destination : undefined;
  const destination = named ?? (destinations.length === 1 ? destinations[0] : undefined);
  if (typeof destination !== "string") {
    const message =
      destinations.length === 0 ? "a preset needs a destination" : "a preset can't tell which destination is meant";
    refuse(
      path,
      `${message}: { preset: true, destination: NAME }`,
      destinations.join(", ") || "none, until `destinations` has one",
    );
    return undefined;
  }
  if (!destinations.includes(destination)) {
    refuse([...path, "destination"], `there is no destination "${destination}"`, destinations.join(", "));
    return undefined;
  }
  const fetched = baseOf(source) !== undefined;
  if (!fetched && presetFetches(sender) === "always") {
    const at = "fetch" in source ? [...path.slice(0, -1), "fetch", "base"] : [...path.slice(0, -1), "fetch"];
    const message = `is missing: events of ${sender.title} are thin, and the preset reads the documents that they name`;
    refuse(at, message, `as \`sluice init ${sender.name}\` writes it: base: ${sender.fetch?.base}, and auth`);
    return undefined;
  }
  // Every preset's versions are times.
  const rows = presetRows(sender, destination, fetched).map((row) => ({ ...row, version_kind: "time" as const }));
  return { rows, objects: presetObjects(sender) };
}

/** An object of the file stays as it is written there; fields that a preset writes and the file lacks are added, as `sluice init` does. */
export function withPresetObjects(
  written: ReadonlyMap<string, ObjectConfiguration>,
  presets: ReadonlyMap<string, WrittenObject>,
): ReadonlyMap<string, ObjectConfiguration> {
  const all = new Map(written);
  for (const [key, { title, title_pluralized: titlePluralized, fields }] of presets) {
    const added = Object.entries(fields).map(
      ([field, definition]) => [field, { key: field, ...definition, options: new Map<string, string>() }] as const,
    );
    const there = all.get(key) ?? { key, title, titlePluralized, uniqueNames: false, fields: new Map() };
    all.set(key, { ...there, fields: new Map([...added, ...there.fields]) });
  }
  return all;
}

function baseOf({ fetch }: Readonly<Record<string, unknown>>): unknown {
  return typeof fetch === "object" && fetch !== null && "base" in fetch ? fetch.base : undefined;
}
