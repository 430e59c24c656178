import { rowPlace, type CompiledMapping } from "@sluice/record";
import type { Refuse } from "./part.ts";
import { pathOf } from "./path-text.ts";

type Mappings = ReadonlyMap<string, readonly CompiledMapping[]>;

/** The kind that one row gives its object's versions holds for all rows of the object at that destination. */
export function withKinds(mappings: Mappings, refuse: Refuse): Mappings {
  const said = new Map<string, NonNullable<CompiledMapping["versionKind"]>>();
  for (const mapping of [...mappings.values()].flat()) {
    const { object, versionKind } = mapping;
    if (versionKind === undefined) continue;
    const first = said.get(targetOf(mapping)) ?? versionKind;
    said.set(targetOf(mapping), first);
    if (first === versionKind) continue;
    refuse(pathOf(`${rowPlace(mapping)}.version_kind`), `another row says "${first}" of "${object}"`, first);
  }
  for (const mapping of [...mappings.values()].flat()) {
    const { object, version, fields } = mapping;
    // A delete may stand without a version: where the event says none, it is that event's dead letter.
    if (said.get(targetOf(mapping)) !== "integer" || version !== null || fields === null) continue;
    const message = `needs a \`version\`: "${object}" is ordered by whole numbers, and without one the order is that of arrival, a time`;
    refuse(pathOf(rowPlace(mapping)), message);
  }
  return new Map([...mappings].map(([source, rows]) => [source, rows.map((row) => withKind(row, said))] as const));
}

function withKind(
  mapping: CompiledMapping,
  said: ReadonlyMap<string, CompiledMapping["versionKind"]>,
): CompiledMapping {
  const versionKind = said.get(targetOf(mapping));
  return versionKind === undefined ? mapping : { ...mapping, versionKind };
}

function targetOf({ destination, object }: CompiledMapping): string {
  return `${destination}/${object}`;
}
