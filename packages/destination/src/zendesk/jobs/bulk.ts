import { LIMITS, RULINGS } from "@sluice/zendesk";
import type { ZendeskClient } from "../client.ts";
import { jobHasEnded, readJobList, readJobStatus, type BulkJobRequest, type ShownJob } from "./job.ts";
import type { Reply } from "../../http/reply.ts";
import { JOB_LIST_PAGES } from "../../limits.ts";

/** The page at which to ask for a job next: its own, or one of the list. */
export type JobPlace = {
  readonly id: string;
  readonly list?: { readonly page: number; readonly after: string | null };
};

/** Where a job stands, as far as one answer tells. */
export type JobAnswer =
  /** Nothing was queued, and `reply` says why. */
  | { readonly kind: "refused"; readonly reply: Reply }
  /** The job was queued under an id that could not be read: it may run. */
  | { readonly kind: "lost"; readonly reply: Reply }
  /** The job goes on, or `reply` does not tell; `place` is to be asked next. `told`: the answer was about jobs, if not about this one. */
  | { readonly kind: "running"; readonly place: JobPlace; readonly told: boolean; readonly reply: Reply }
  | { readonly kind: "ended"; readonly job: ShownJob; readonly reply: Reply };

type Options = { readonly signal?: AbortSignal | undefined };

/** Queues a job; services/records answers it done at once. Throws as the client does: then it may have been queued. */
export async function createJob(
  client: ZendeskClient,
  { object, action, items, fences }: BulkJobRequest,
  { headers: more = {}, signal }: Options & { readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<JobAnswer> {
  const path = `custom_objects/${encodeURIComponent(object)}/jobs`;
  const fenced = fences?.some((fence) => fence !== undefined) === true;
  const headers = {
    ...RULINGS.preferStrict,
    ...more,
    ...(fenced ? { [RULINGS.jobFencesHeader]: fences.map((fence) => fence ?? "").join(",") } : {}),
  };
  const reply = await client.ask("POST", path, { job: { action, items } }, { headers, signal });
  if (reply.status < 200 || reply.status > 299) return { kind: "refused", reply };
  // No answer about a job has a 202 or 206: whatever it holds, the job may run.
  const job = reply.status < 202 ? readJobStatus(reply.body) : undefined;
  if (job === undefined) return { kind: "lost", reply };
  return jobAnswerOf(job, reply);
}

/**
 * Asks for a job, in one request. Where its own page can't be read the list comes next, page by page, and then the page
 * again: very many jobs have been seen to make single ones unreadable while the list still had them (§10).
 */
export async function askForJob(client: ZendeskClient, place: JobPlace, { signal }: Options = {}): Promise<JobAnswer> {
  const { id, list } = place;
  const reply = await client.ask("GET", pathOf(place), null, { signal });
  const listed = list === undefined ? null : readJobList(reply.body);
  const jobs = list === undefined ? [readJobStatus(reply.body)] : (listed?.jobs ?? []);
  const job = jobs.find((each) => each?.id === id);
  if (job !== undefined && reply.status === 200) {
    return jobHasEnded(job) ? { kind: "ended", job, reply } : { kind: "running", place, told: true, reply };
  }
  const told = listed !== null;
  // A destination that asks for patience is asked the same again; refused credentials say nothing of the job either.
  if (PATIENCE.has(reply.status)) return { kind: "running", place, told, reply };
  return { kind: "running", place: nextPlace(place, listed?.after ?? null), told, reply };
}

/** A page of jobs. Null: the answer is no such page; it stands in `reply`. */
export type JobsReply = { readonly page: ReturnType<typeof readJobList>; readonly reply: Reply };

/** Asks for several jobs in one request (§10); those that the destination does not know are not in its answer. */
export async function askForJobs(
  client: ZendeskClient,
  ids: readonly string[],
  options: Options = {},
): Promise<JobsReply> {
  return await askForPage(client, `job_statuses/show_many?ids=${ids.map(encodeURIComponent).join(",")}`, options);
}

/** A page of the list of jobs, from the beginning or behind another. */
export async function listJobs(client: ZendeskClient, after: string | null, options: Options = {}): Promise<JobsReply> {
  return await askForPage(client, listPath(after), options);
}

async function askForPage(client: ZendeskClient, path: string, { signal }: Options): Promise<JobsReply> {
  const reply = await client.ask("GET", path, null, { signal });
  return { page: reply.status === 200 ? readJobList(reply.body) : null, reply };
}

/** The answer of one look at a job: where to look next, or how the job ended. */
export function jobAnswerOf(job: ShownJob, reply: Reply): JobAnswer {
  return jobHasEnded(job)
    ? { kind: "ended", job, reply }
    : { kind: "running", place: { id: job.id }, told: true, reply };
}

const PATIENCE: ReadonlySet<number> = new Set([401, 403, 429, 503]);

function nextPlace({ id, list }: JobPlace, after: string | null): JobPlace {
  if (list === undefined) return { id, list: { page: 1, after: null } };
  return after === null || list.page >= JOB_LIST_PAGES ? { id } : { id, list: { page: list.page + 1, after } };
}

function pathOf({ id, list }: JobPlace): string {
  return list === undefined ? `job_statuses/${encodeURIComponent(id)}` : listPath(list.after);
}

function listPath(after: string | null): string {
  const from = after === null ? "" : `&page%5Bafter%5D=${encodeURIComponent(after)}`;
  return `job_statuses?page%5Bsize%5D=${LIMITS.pageSize}${from}`;
}
