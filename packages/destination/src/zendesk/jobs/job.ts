import { isObject, type Json } from "@sluice/event";
import type { JobAction as AnyAction } from "@sluice/zendesk";

/** The actions that Sluice uses, which name records by the keys that it knows (§10). */
export type UsedJobAction = Extract<
  AnyAction,
  "create_or_update_by_external_id" | "create_or_update_by_name" | "delete_by_external_id"
>;

/** A bulk job to be created: up to `LIMITS.bulkItems` records of one object. */
export type BulkJobRequest = {
  readonly object: string;
  readonly action: UsedJobAction;
  /** Records with their key among them, or external ids to delete. */
  readonly items: readonly Json[];
  /** For each item its writer's fencing token, for destinations that check it. */
  readonly fences?: readonly (string | undefined)[];
};

/** A job as its creation, its own page and the list show it. */
export type ShownJob = {
  readonly id: string;
  /** `queued` and `working` mean that the job goes on, all other words that it has ended; clients have met more than the documentation has. */
  readonly status: string;
  readonly results: readonly unknown[];
};

/** Whether the job will not change any more. Only its results say whether its items went well. */
export function jobHasEnded({ status }: ShownJob): boolean {
  return status !== "queued" && status !== "working";
}

/** Reads `{"job_status": …}`; undefined: the body holds none. */
export function readJobStatus(body: unknown): ShownJob | undefined {
  return isObject(body) ? statusOf(body["job_status"]) : undefined;
}

/** Reads a page of the list of jobs; `after` is where the next page begins, null on the last. Null: the body is no such page. */
export function readJobList(
  body: unknown,
): { readonly jobs: readonly ShownJob[]; readonly after: string | null } | null {
  if (!isObject(body) || !Array.isArray(body["job_statuses"])) return null;
  const { job_statuses: list, meta } = body;
  const jobs = list.map(statusOf).filter((each) => each !== undefined);
  const { has_more: more, after_cursor: after } = isObject(meta) ? meta : {};
  return { jobs, after: more === true && typeof after === "string" ? after : null };
}

function statusOf(value: unknown): ShownJob | undefined {
  if (!isObject(value)) return undefined;
  const { id, status, results } = value;
  if (typeof status !== "string" || (typeof id !== "string" && typeof id !== "number")) return undefined;
  return { id: String(id), status, results: Array.isArray(results) ? results : [] };
}
