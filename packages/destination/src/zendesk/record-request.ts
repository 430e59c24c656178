import type { RecordKey } from "@sluice/record";
import type { Json } from "@sluice/event";
import type { ReplyRequest } from "../http/reply.ts";

export type RecordValues = {
  readonly name?: string | null | undefined;
  readonly fields: Readonly<Record<string, Json>>;
};

/** The request that writes one record, or without values deletes it. `url`: the destination's. */
export function recordRequest(
  url: string,
  object: string,
  { by, value }: RecordKey,
  values: RecordValues | null,
): ReplyRequest {
  const prefix = new URL(url).pathname.replace(/\/$/, "");
  const path = `${prefix}/api/v2/custom_objects/${encodeURIComponent(object)}/records?${by}=${encodeURIComponent(value)}`;
  if (values === null) return { method: "DELETE", path, body: null };
  const { name, fields } = values;
  const record = { ...(name === undefined ? {} : { name }), custom_object_fields: fields };
  return { method: "PATCH", path, body: { custom_object_record: record } };
}
