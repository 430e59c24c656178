import { faultOfKeyText, MAX_KEY_CHARACTERS } from "@sluice/event";
import { SluiceError } from "@sluice/runtime";
import type { Json } from "@sluice/zendesk";
import type { SourceRow } from "./source-row.ts";

/** The result of a row's mapping: an item of a bulk job, or the reason why the row can't be one. */
export type MappedRow = { readonly item: ImportedRecord; readonly key: string } | { readonly reason: string };

export type ImportedRecord = {
  external_id?: string;
  name?: string;
  custom_object_fields: Record<string, Json>;
};

export type MappingOptions = {
  /** `target=column`; none: every column is the target of its own name. */
  readonly map: readonly string[];
  /** The key that the record is found by. */
  readonly key: "external_id" | "name";
  /** The object's fields and their types. */
  readonly fields: ReadonlyMap<string, string>;
  /** Whether an empty cell clears the field; otherwise it leaves the field alone. */
  readonly emptyClears: boolean;
};

/** Columns that an export writes and an import has no use for. */
const READ_ONLY = new Set([
  "id",
  "url",
  "custom_object_key",
  "created_at",
  "updated_at",
  "created_by_user_id",
  "updated_by_user_id",
  "photo",
]);

/**
 * Compiles `--map`. Targets are `external_id`, `name` and the keys of fields.
 * @throws SluiceError `import_mapping_invalid`
 */
export function compileRowMapping({ map, key, fields, emptyClears }: MappingOptions): (row: SourceRow) => MappedRow {
  const columns = new Map(map.map(readPair));
  const known = (target: string) => target === "external_id" || target === "name" || fields.has(target);
  const unknown = [...columns.keys()].filter((target) => !known(target));
  if (unknown.length > 0) throw notAField(unknown, fields);

  return ({ values, unreadable }) => {
    if (unreadable !== undefined) return { reason: unreadable };
    const flat = flattened(values);
    const targets = columns.size > 0 ? [...columns] : Object.keys(flat).map((name) => [name, name] as const);
    const item: ImportedRecord = { custom_object_fields: {} };
    for (const [target, column] of targets) {
      const value = flat[column];
      if (value === undefined || READ_ONLY.has(target)) continue;
      if (!known(target)) return { reason: `${target} is not a field of the object` };
      if (target === "external_id" || target === "name") {
        if (value === null || value === "") continue;
        const text = typeof value === "number" ? String(value) : value;
        const fault = typeof text !== "string" ? "kind" : target === key ? faultOfKeyText(text) : null;
        if (fault !== null)
          return { reason: `has ${target === "name" ? "a" : "an"} ${target} that ${KEY_FAULTS[fault]}` };
        item[target] = text as string;
      } else if (value !== "") {
        item.custom_object_fields[target] = valueOf(value, fields.get(target));
      } else if (emptyClears) item.custom_object_fields[target] = null;
    }
    const found = item[key];
    return found === undefined ? { reason: `has no ${key}` } : { item, key: found };
  };
}

/** The faults for which a live event's key is refused too: a row must not make a record that no event could find. */
const KEY_FAULTS = {
  kind: "is neither a text nor a number",
  blank: "is blank",
  long: `is longer than ${MAX_KEY_CHARACTERS} characters`,
  unseen: "has characters that cannot be seen",
} as const;

/** A cell holds the choices of a multiselect with semicolons between them. */
function valueOf(value: unknown, type: string | undefined): Json {
  if (type === "multiselect" && typeof value === "string") return value.split(";").map((choice) => choice.trim());
  return value as Json;
}

/** A record as the API gives it has its fields one level down. */
function flattened(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { custom_object_fields: fields, ...rest } = values;
  return typeof fields === "object" && fields !== null ? { ...rest, ...fields } : values;
}

function readPair(text: string): readonly [target: string, column: string] {
  const at = text.indexOf("=");
  if (at > 0 && at < text.length - 1) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  throw new SluiceError(`--map ${JSON.stringify(text)} can't be read`, {
    code: "import_mapping_invalid",
    hint: "write target=column, for example --map name=Company tier=Category",
  });
}

function notAField(unknown: readonly string[], fields: ReadonlyMap<string, string>): SluiceError {
  return new SluiceError(`--map names what is not a field: ${unknown.join(", ")}`, {
    code: "import_mapping_invalid",
    hint: `the object has external_id, name, ${[...fields.keys()].join(", ")}`,
  });
}
