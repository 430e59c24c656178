import { keepRow, type Json } from "@sluice/event";
import type { PastWebhook } from "@sluice/operator";
import { SluiceError } from "@sluice/runtime";
import type { SourceRow } from "../transfer/source-row.ts";

/** How the rows of a file become events of a source. */
export type RowRules = {
  /** The file's name in the ids of the events, and their number. */
  readonly file: string;
  readonly run: number;
  readonly type: string;
  /** The column that says when a row's event happened. */
  readonly time: string | undefined;
  /** When the rows count as having come in, each a microsecond after the one before (µs). */
  readonly asOfMicros: number;
  /** The number of the door that takes them in. */
  readonly session: number;
};

/** A row as a webhook with one event, or the reason why it can't be one. */
export function webhookOf(row: SourceRow, rules: RowRules): PastWebhook | { readonly reason: string } {
  if (row.unreadable !== undefined) return { reason: row.unreadable };
  const { file, run, type, time, asOfMicros, session } = rules;
  const id = `${file}:${run}:${row.line}`;
  const data = nested(row.values);
  const at = time === undefined ? null : row.values[time];
  if (at !== null && typeof at !== "string") return { reason: `has no time in "${time}"` };
  return {
    kept: keepRow({ id, type, time: at, data }, file),
    arrival: { micros: asOfMicros + row.line, session },
    ids: [id],
  };
}

/** Columns with dots in their names are members of members: `address.city`. */
function nested(values: SourceRow["values"]): Json {
  const names = Object.keys(values);
  if (!names.some((name) => name.includes("."))) return values as Json;
  const root: Record<string, unknown> = {};
  for (const name of names) {
    const path = name.split(".");
    let at = root;
    for (const member of path.slice(0, -1)) {
      const held = Object.hasOwn(at, member) ? at[member] : undefined;
      at = (at[member] = typeof held === "object" && held !== null ? held : {}) as Record<string, unknown>;
    }
    at[path.at(-1)!] = values[name];
  }
  return root as Json;
}

/**
 * A row without a version would count as new as its file says that it is: that must be said.
 * @throws SluiceError `backfill_unversioned`
 */
export function assertVersioned(changes: readonly { readonly version: unknown; readonly object: string }[]): void {
  const without = changes.find(({ version }) => version === null);
  if (without === undefined) return;
  throw new SluiceError(
    `a row of the mapping of "${without.object}" has no version: nothing in the file tells how old its values are`,
    {
      code: "backfill_unversioned",
      hint: "give the row a `version`, or say with --as-of when the file was true: values that came in later stay",
    },
  );
}
