import { isObject, LIMITS } from "@sluice/zendesk";
import type { RecordKey } from "@sluice/record";
import type { Reply } from "../http/reply.ts";
import { MAX_QUERY_CHARACTERS } from "../limits.ts";
import type { ZendeskClient } from "./client.ts";

/** A record as a list shows it. */
export type Listed = {
  readonly name: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly changedAtMs: number | null;
};

/**
 * The keys as one list each can ask for them (§8.2): external ids, a hundred at most, in an address that is not too long for servers. Names,
 * and external ids with a comma, can't be asked for.
 */
export function askedTogether(keys: readonly RecordKey[]): readonly (readonly RecordKey[])[] {
  const requests: RecordKey[][] = [];
  let characters = Infinity;
  for (const key of keys) {
    const length = encodeURIComponent(key.value).length + 1;
    if (key.by !== "external_id" || key.value.includes(",") || length > MAX_QUERY_CHARACTERS) continue;
    characters += length;
    const last = requests.at(-1);
    if (last === undefined || characters > MAX_QUERY_CHARACTERS || last.length >= LIMITS.pageSize) {
      requests.push([key]);
      characters = length;
    } else last.push(key);
  }
  return requests;
}

/** Asks for records by their external ids, by which those that are there are answered. Null: the answer is no such list. */
export async function listRecordsByKey(
  client: ZendeskClient,
  object: string,
  keys: readonly RecordKey[],
  options: { readonly signal?: AbortSignal | undefined },
): Promise<{ readonly reply: Reply; readonly records: ReadonlyMap<string, Listed> | null }> {
  const ids = keys.map(({ value }) => encodeURIComponent(value)).join(",");
  const query = `filter%5Bexternal_ids%5D=${ids}&page%5Bsize%5D=${LIMITS.pageSize}`;
  const path = `custom_objects/${encodeURIComponent(object)}/records?${query}`;
  const reply = await client.ask("GET", path, null, options);
  return { reply, records: reply.status === 200 ? recordsIn(reply.body) : null };
}

function recordsIn(body: unknown): ReadonlyMap<string, Listed> | null {
  const list = isObject(body) ? body["custom_object_records"] : undefined;
  if (!Array.isArray(list)) return null;
  return new Map(
    list.filter(isObject).map((each) => {
      const { external_id: id, name, custom_object_fields: fields, updated_at: updatedAt } = each;
      const changedAtMs = Date.parse(String(updatedAt));
      const listed = {
        name,
        fields: isObject(fields) ? fields : {},
        changedAtMs: Number.isNaN(changedAtMs) ? null : changedAtMs,
      };
      return [String(id), listed];
    }),
  );
}
