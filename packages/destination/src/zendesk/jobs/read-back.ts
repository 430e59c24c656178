import type { RecordKey } from "@sluice/record";
import type { ZendeskClient } from "../client.ts";
import type { RecordValues } from "../record-request.ts";
import type { Reply } from "../../http/reply.ts";
import { askedTogether, listRecordsByKey, type Listed } from "../list-records.ts";
import { isReadBackOf } from "../read-value.ts";

/** A write whose end is not known, with the values that it would have left; `record` null: the write was a delete. */
export type ExpectedWrite = { readonly key: RecordKey; readonly record: RecordValues | null };

/** The sign of a write in the destination's record. `unlike`: the write was not carried out, or another one has followed it. */
export type ReadBackResult = "as wanted" | "unlike" | "unknown";

/**
 * Reads up to 100 records back and compares each with the values that were to be written: so a job is settled whose status
 * can't be read. Keys that can't be asked for stay unknown.
 * @returns `reply` null: there was nothing to ask for
 */
export async function readBack(
  client: ZendeskClient,
  object: string,
  wanted: readonly ExpectedWrite[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<{ readonly found: readonly ReadBackResult[]; readonly reply: Reply | null }> {
  const [asked = []] = askedTogether(wanted.map(({ key }) => key));
  if (asked.length === 0) return { found: wanted.map(() => "unknown"), reply: null };
  const { reply, records } = await listRecordsByKey(client, object, asked, options);
  const askable = new Set(asked.map(({ value }) => value));
  const found = wanted.map((each): ReadBackResult => {
    if (records === null || each.key.by !== "external_id" || !askable.has(each.key.value)) return "unknown";
    const stored = records.get(each.key.value);
    if (each.record === null) return stored === undefined ? "as wanted" : "unlike";
    return stored !== undefined && holds(stored, each.record) ? "as wanted" : "unlike";
  });
  return { found, reply };
}

function holds(stored: Listed, { name, fields }: RecordValues): boolean {
  const nameHolds = name === undefined || name === null || stored.name === name;
  return nameHolds && Object.entries(fields).every(([key, value]) => isReadBackOf(stored.fields[key], value));
}
