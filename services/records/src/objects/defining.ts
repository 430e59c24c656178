import type { Database } from "@sluice/runtime";
import { ANSWERS, COMPLAINTS, isObject, RULINGS, Refusal, type Complaint } from "@sluice/zendesk";
import type { ZodError, ZodType } from "zod";
import { refusalOfDatabaseError } from "../database-error.ts";
import { emptyListAsObject, emptyListsAsObjects } from "../empty-list.ts";
import type { Store } from "../store.ts";

/**
 * Runs a change of definitions while no record is being written, in any process: the definition that a writer checked
 * its record against stays true until it has written. Reading goes on. One such change at a time.
 * @throws Refusal when a rule that the database holds is broken
 */
export function defining<T>({ database }: Store, work: (tx: Database) => Promise<T>): Promise<T> {
  const change = database.transaction(async (tx) => {
    await tx.query("lock table records.record in share row exclusive mode");
    return work(tx);
  });
  return change.catch((error: unknown) => {
    throw refusalOfDatabaseError(error) ?? error;
  });
}

export type LockedObject = {
  readonly id: number;
  readonly key: string;
  readonly name_is_unique: boolean;
  readonly autoincrement_enabled: boolean;
  readonly autoincrement_prefix: string;
  readonly autoincrement_padding: number;
  readonly autoincrement_next_sequence: string;
  readonly has_records: boolean;
};

/**
 * The object that is about to change, its version raised already.
 * @throws Refusal 404
 */
export async function raiseVersion(
  tx: Database,
  key: string,
  changed: { by: string; at: string },
): Promise<LockedObject> {
  if (!RULINGS.objectKeyPattern.test(key)) throw new Refusal(ANSWERS.recordNotFound());
  const [object] = await tx.query<LockedObject>(
    `update records.object set version = version + 1, updated_by = $2::text, updated_at = $3::timestamptz
     where key = $1::text and deleted_at is null
     returning id, key, name_is_unique, autoincrement_enabled, autoincrement_prefix, autoincrement_padding,
       autoincrement_next_sequence,
       exists (select 1 from records.record where object_id = object.id and record.deleted_at is null) as has_records`,
    [key, changed.by, changed.at],
  );
  if (object === undefined) throw new Refusal(ANSWERS.recordNotFound());
  return object;
}

/**
 * Reads a definition's body by its schema.
 * @throws Refusal 422, each problem under the attribute that it is about
 */
export function readDefinition<T>(schema: ZodType<T>, content: unknown): T {
  const parsed = schema.safeParse(isObject(content) ? emptyListsAsObjects(content, MAPS) : emptyListAsObject(content));
  if (parsed.success) return parsed.data;
  throw Refusal.invalid(complaintsOf(parsed.error, content));
}

/** Members of definitions that are objects; others, such as `custom_field_options`, are lists. */
const MAPS = ["properties", "relationship_filter"];

function complaintsOf(error: ZodError, content: unknown): Complaint[] {
  return error.issues.map((issue) => {
    const attribute = String(issue.path[0] ?? "base");
    const sent: unknown = Object(content)[attribute];
    if (sent === undefined || sent === null || (typeof sent === "string" && sent.trim() === "")) {
      return COMPLAINTS.attribute(attribute, "cannot be blank", "BlankValue");
    }
    if (issue.code === "too_big") return COMPLAINTS.attribute(attribute, "is too long", "TooLong");
    return COMPLAINTS.attribute(attribute, "is invalid");
  });
}
