import { isObject, type Json } from "@sluice/event";
import { LIMITS } from "@sluice/zendesk";
import type { ZendeskClient } from "./client.ts";
import type { RecordKey, RecordValues } from "./record-request.ts";
import type { Reply } from "../http/reply.ts";
import { MAX_QUERY_CHARACTERS } from "../limits.ts";

/** A write whose end is not known, with the values that it would have left; `record` null: the write was a delete. */
export type Wanted = { readonly key: RecordKey; readonly record: RecordValues | null };

/** The sign of a write in the destination's record. `unlike`: the write was not carried out, or another one has followed it. */
export type Found = "as wanted" | "unlike" | "unknown";

/**
 * Reads up to 100 records back and compares each with the values that were to be written: so a job is settled whose status
 * can't be read. Names, and external ids with a comma, can't be asked for in a list (§8.2) and stay unknown, and so do ids that
 * would make the address too long.
 * @returns `reply` null: there was nothing to ask for
 */
export async function readBack(
  client: ZendeskClient,
  object: string,
  wanted: readonly Wanted[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<{ readonly found: readonly Found[]; readonly reply: Reply | null }> {
  const askable = new Set(askableOf(wanted));
  if (askable.size === 0) return { found: wanted.map(() => "unknown"), reply: null };
  const ids = [...askable].map(({ key }) => encodeURIComponent(key.value)).join(",");
  const query = `filter%5Bexternal_ids%5D=${ids}&page%5Bsize%5D=${LIMITS.pageSize}`;
  const path = `custom_objects/${encodeURIComponent(object)}/records?${query}`;
  const reply = await client.ask("GET", path, null, options);
  const records = reply.status === 200 ? readRecords(reply.body) : null;
  const found = wanted.map((each): Found => {
    if (records === null || !askable.has(each)) return "unknown";
    const stored = records.get(each.key.value);
    if (each.record === null) return stored === undefined ? "as wanted" : "unlike";
    return stored !== undefined && holds(stored, each.record) ? "as wanted" : "unlike";
  });
  return { found, reply };
}

/** The writes whose ids can be asked for and fit into one address: servers refuse very long addresses. */
function askableOf(wanted: readonly Wanted[]): readonly Wanted[] {
  let characters = 0;
  return wanted.filter(({ key }) => {
    if (key.by !== "external_id" || key.value.includes(",")) return false;
    characters += encodeURIComponent(key.value).length + 1;
    return characters <= MAX_QUERY_CHARACTERS;
  });
}

type Stored = { readonly name: unknown; readonly fields: Readonly<Record<string, unknown>> };

function readRecords(body: unknown): ReadonlyMap<string, Stored> | null {
  const list = isObject(body) ? body["custom_object_records"] : undefined;
  if (!Array.isArray(list)) return null;
  return new Map(
    list.filter(isObject).map((each) => {
      const fields = each["custom_object_fields"];
      return [String(each["external_id"]), { name: each["name"], fields: isObject(fields) ? fields : {} }];
    }),
  );
}

function holds(stored: Stored, { name, fields }: RecordValues): boolean {
  const nameHolds = name === undefined || name === null || stored.name === name;
  return nameHolds && Object.entries(fields).every(([key, value]) => isReadBackOf(stored.fields[key], value));
}

/** Whether a value that is read can have come from the one that was written (§7.1). In doubt it has not. */
function isReadBackOf(read: unknown, written: Json): boolean {
  if (written === null || written === "") return read === undefined || read === null || read === "";
  if (Array.isArray(written)) {
    if (!Array.isArray(read) || read.length !== written.length) return false;
    const values = new Set(read.map(String));
    return written.every((value) => values.has(String(value)));
  }
  if (typeof read === "number" && typeof written === "string") return written.trim() !== "" && Number(written) === read;
  if (typeof read === "boolean" && typeof written === "string") return written === String(read);
  if (typeof read === "string" && typeof written === "string") return read === written || isSameDay(read, written);
  return read === written;
}

/** Whether both are one day: dates are kept as days, and come back as that day's midnight. */
function isSameDay(read: string, written: string): boolean {
  const midnight = /^(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?(?:Z|\+00:00)$/.exec(read);
  return midnight !== null && written.startsWith(midnight[1]!) && /^\d{4}-\d\d-\d\d(T|$)/.test(written);
}
