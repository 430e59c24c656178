import type { Json } from "@sluice/event";
import { NAME_FIELD } from "@sluice/record";
import { bytesOverLimit } from "@sluice/zendesk";
import type { UsedJobAction } from "./jobs/job.ts";
import type { RecordValues } from "./record-request.ts";
import type { Write } from "../destination.ts";

/** The values of a write. The name is a field among others for Sluice, and a member of its own for the destination. */
export function recordValuesOf({ claim: { snapshot } }: Write): RecordValues {
  return withName(new Map([...snapshot.fields].map(([field, { value }]) => [field, value])));
}

/** The name apart from the fields. */
export function withName(values: ReadonlyMap<string, Json>): RecordValues {
  const fields = new Map(values);
  const name = fields.get(NAME_FIELD);
  fields.delete(NAME_FIELD);
  // A name that is no text is sent as it is: the destination's complaint about it comes into a dead letter.
  return { ...(name === undefined ? {} : { name: name as string | null }), fields: Object.fromEntries(fields) };
}

/**
 * The action of the bulk job that may carry a write; null: the write goes alone. There is no delete by name, a job can't
 * rename a record that it finds by name, and a record that is too large is refused without a request when it is alone.
 */
export function actionOf(write: Write): UsedJobAction | null {
  const { key } = write.claim;
  if (write.effect === "delete") return key.by === "external_id" ? "delete_by_external_id" : null;
  const { name, fields } = recordValuesOf(write);
  if (bytesOverLimit({ ...(name === undefined ? {} : { name }), custom_object_fields: fields }) > 0) return null;
  if (key.by === "external_id") return "create_or_update_by_external_id";
  return name === undefined || name === key.value ? "create_or_update_by_name" : null;
}

export function isJobAction(action: string): action is UsedJobAction {
  return (JOB_ACTIONS as readonly string[]).includes(action);
}

const JOB_ACTIONS = [
  "create_or_update_by_external_id",
  "create_or_update_by_name",
  "delete_by_external_id",
] as const satisfies readonly UsedJobAction[];

/** The write as an item of a bulk job. */
export function itemOf(write: Write): Json {
  const { key } = write.claim;
  if (write.effect === "delete") return key.value;
  const { name, fields } = recordValuesOf(write);
  return { ...(name === undefined ? {} : { name }), [key.by]: key.value, custom_object_fields: fields };
}
