import type { RecordKey } from "@sluice/record";
import type { Reply } from "../http/reply.ts";

/** The record of a request. `name`: an upsert sends a name or none, a delete sends `null`. */
export type RequestedRecord = {
  readonly object: string;
  readonly key: RecordKey;
  readonly name: string | null | undefined;
  readonly effect: "fields" | "delete";
};

/**
 * Whether an answer with a status of success says that this very write was carried out (§9, §8.1): an upsert is answered 200 or
 * 201 with the record that was sent, a delete 204. A proxy's page, a maintenance note in JSON or another record's answer may
 * come with the same status, and a 202 or 206 promises nothing.
 */
export function isConfirmed({ status, body }: Reply, asked: RequestedRecord): boolean {
  if (asked.effect === "delete") return status === 204 || (status === 200 && (body === null || names(body, asked)));
  return (status === 200 || status === 201) && names(body, asked);
}

function names(body: unknown, { object, key, name }: RequestedRecord): boolean {
  const record = memberOf(body, "custom_object_record");
  const inObject = memberOf(record, "custom_object_key");
  if (inObject !== undefined && inObject !== object) return false;
  if (key.by === "external_id") return textOf(memberOf(record, "external_id")) === key.value;
  // A write may rename a record that it finds by its name. U6 (docs/wire-contract.md §17): in which letters a name comes back is not known.
  const answered = textOf(memberOf(record, "name"));
  return answered !== undefined && [key.value, name].some((sent) => sent != null && asRead(sent) === asRead(answered));
}

function asRead(name: string): string {
  return name.normalize("NFC").trim().toLowerCase();
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
