import { LIMITS } from "../limits.ts";
import { RULINGS } from "../rulings.ts";
import type { ZendeskClient } from "./client.ts";
import { hasEnded, readJobList, readJobStatus, type BulkJob, type JobStatus } from "./job.ts";
import type { Reply } from "./reply.ts";

/** Where a job stands, as far as the last answer tells. */
export type JobAnswer =
  /** Nothing was queued, and `reply` says why. */
  | { readonly kind: "refused"; readonly reply: Reply }
  | { readonly kind: "running"; readonly id: string; readonly reply: Reply }
  | { readonly kind: "ended"; readonly job: JobStatus; readonly reply: Reply }
  /** The destination asks for patience (429, 503): the job goes on, `reply` says for how long not to ask. */
  | { readonly kind: "later"; readonly id: string; readonly reply: Reply }
  /** Neither its page nor the list tells of it. It may have run, may run still, or never will. */
  | { readonly kind: "lost"; readonly reply: Reply };

type Options = { readonly signal?: AbortSignal | undefined };

/** Queues a job; services/records answers it done at once. Throws as the client does: then it may have been queued. */
export async function createJob(
  client: ZendeskClient,
  { object, action, items, fences }: BulkJob,
  { signal }: Options = {},
): Promise<JobAnswer> {
  const path = `custom_objects/${encodeURIComponent(object)}/jobs`;
  const fenced = fences?.some((fence) => fence !== undefined) === true;
  const headers = fenced ? { [RULINGS.jobFencesHeader]: fences.map((fence) => fence ?? "").join(",") } : {};
  const reply = await client.ask("POST", path, { job: { action, items } }, { headers, signal });
  if (reply.status < 200 || reply.status > 299) return { kind: "refused", reply };
  const job = readJobStatus(reply.body);
  if (job === undefined) return { kind: "lost", reply };
  return hasEnded(job) ? { kind: "ended", job, reply } : { kind: "running", id: job.id, reply };
}

/**
 * Asks for a job once: by its id, and where that can't be read, in the list, which has been seen to work when very many jobs
 * made single ones unreadable (§10).
 */
export async function askForJob(client: ZendeskClient, id: string, { signal }: Options = {}): Promise<JobAnswer> {
  const reply = await client.ask("GET", `job_statuses/${encodeURIComponent(id)}`, null, { signal });
  const own = answerOf(id, readJobStatus(reply.body), reply);
  if (own !== undefined) return own;
  let after: string | null = null;
  for (let page = 0; page < LIMITS.jobListPages; page += 1) {
    const from = after === null ? "" : `&page%5Bafter%5D=${encodeURIComponent(after)}`;
    const path = `job_statuses?page%5Bsize%5D=${LIMITS.pageSize}${from}`;
    const listed: Reply = await client.ask("GET", path, null, { signal });
    const list = readJobList(listed.body);
    const found = answerOf(
      id,
      list.jobs.find((job) => job.id === id),
      listed,
    );
    if (found !== undefined) return found;
    if (list.after === null) break;
    ({ after } = list);
  }
  return { kind: "lost", reply };
}

function answerOf(id: string, job: JobStatus | undefined, reply: Reply): JobAnswer | undefined {
  const { status } = reply;
  if (status === 429 || status === 503 || status === 401 || status === 403) return { kind: "later", id, reply };
  if (status >= 300 || job === undefined) return undefined;
  return hasEnded(job) ? { kind: "ended", job, reply } : { kind: "running", id, reply };
}

/**
 * How long to wait before asking for a job again. Zendesk's take about ten seconds, small ones too: asked first after a
 * second, then ever more seldom, because each question is a request of the quota.
 */
export function nextAskMs(asked: number): number {
  return Math.min(JOB_ASK_MOST_MS, JOB_ASK_FIRST_MS * 1.5 ** asked);
}

const JOB_ASK_FIRST_MS = 1_000;
const JOB_ASK_MOST_MS = 5_000;
