import { presetObjects, presetRows, type Sender } from "@sluice/event";
import {
  readConfiguration,
  withPresetObjects,
  type Configuration,
  type LoadOptions,
  type ObjectConfiguration,
} from "@sluice/runtime";
import { isScalar, type Document } from "yaml";
import { parseYaml } from "./written-source.ts";

/** An object that a destination should have; without a definition where sluice.yaml has none under `objects`. */
export type WantedObject = {
  readonly destination: string;
  readonly key: string;
  readonly definition: ObjectConfiguration | undefined;
};

/** The objects that a source's rows write to, and the destinations that they name. */
export type WantedObjects = {
  readonly objects: readonly WantedObject[];
  readonly destinations: Configuration["destinations"];
};

/**
 * The objects that a source's rows write. The sources themselves are not read: the secret of the new one may not be set yet.
 * @throws ConfigurationError about the rest of the file
 */
export function wantedObjects(text: string, source: string, sender: Sender, options: LoadOptions): WantedObjects {
  const document = parseYaml(text);
  const { sources } = document.toJS() as { sources?: Readonly<Record<string, { readonly records?: unknown } | null>> };
  const { destinations, objects } = readConfiguration(withoutSources(text, document), options);
  const records = sources?.[source]?.records;
  const rows = Array.isArray(records)
    ? (records as readonly unknown[])
    : presetRowsOf(sender, records, [...destinations.keys()]);
  const definitions = Array.isArray(records) ? objects : withPresetObjects(objects, presetObjects(sender));
  const wanted = new Map<string, WantedObject>();
  for (const row of rows) {
    const { destination, object } = (row ?? {}) as { readonly destination?: unknown; readonly object?: unknown };
    if (typeof destination !== "string" || typeof object !== "string") continue;
    wanted.set(`${destination}/${object}`, { destination, key: object, definition: definitions.get(object) });
  }
  return { objects: [...wanted.values()], destinations };
}

/** The file with no sources and with every other line where it was, since faults of the rest are told by their lines. */
function withoutSources(text: string, document: Document): string {
  const node = document.get("sources", true) as
    | { readonly range?: readonly [number, number, number] | null }
    | undefined;
  if (node?.range == null || (isScalar(node) && node.value === null)) return text;
  const [start, end] = node.range;
  const lines = text.slice(start, end).split("\n").length - 1;
  return `${text.slice(0, start)}{}${"\n".repeat(lines)}${text.slice(end)}`;
}

function presetRowsOf(sender: Sender, records: unknown, destinations: readonly string[]): readonly unknown[] {
  const named = (records as { readonly destination?: unknown } | null | undefined)?.destination ?? destinations[0];
  return typeof named === "string" ? presetRows(sender, named, false) : [];
}
