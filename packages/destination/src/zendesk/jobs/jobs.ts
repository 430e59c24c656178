import type { Json } from "@sluice/event";
import { LIMITS } from "@sluice/zendesk";
import { askForJobs, createJob, listJobs, type JobAnswer, type JobPlace, type JobsReply } from "./bulk.ts";
import type { ZendeskClient } from "../client.ts";
import { readItemResults } from "./item-result.ts";
import { jobHasEnded, type UsedJobAction } from "./job.ts";
import { readBack } from "./read-back.ts";
import type { Reply } from "../../http/reply.ts";
import type { Exchange, JobExchange, JobPage, BulkJobs, RunningJob, Write } from "../../destination.ts";
import { createJobPoller, type JobPoller } from "./job-poller.ts";
import { exchangeOf, httpAnswer, saidOf, silenceOf, unreadable } from "../../http/answer.ts";
import type { Permissions } from "../../http/permissions.ts";
import { answerOf, answerOfJob, hasNoJobs } from "../answer.ts";
import type { Stamping } from "../stamping.ts";
import { actionOf, isJobAction, itemOf, recordValuesOf } from "../record.ts";

/** Bulk jobs of custom objects, each of one object and one action (§10 of the wire contract). */
export function zendeskJobs(client: ZendeskClient, permissions: Permissions, stamping: Stamping): BulkJobs {
  const poller = createJobPoller(client);
  return {
    atOnce: LIMITS.liveJobs,

    groupOf(write) {
      const action = actionOf(write);
      return action === null ? null : `${action} ${write.claim.object}`;
    },

    async start(writes, signal, traced) {
      const sent = sentOf(writes);
      const request = permissions.begin();
      try {
        const answer = await createJob(client, sent, {
          headers: { ...stamping.headers(writes), ...traced?.headers },
          signal,
        });
        stamping.hear(answer.reply);
        if (answer.kind === "running") poller.track(answer.place.id);
        if (answer.kind === "running" || answer.kind === "ended") permissions.granted(request);
        if (answer.kind === "refused" && answer.reply.status === 403) {
          return { exchange: forbidden(answer.reply, sent, permissions), job: { kind: "refused" } };
        }
        return exchangeOfJob(answer, { client, poller, sent });
      } catch (error) {
        return { exchange: silenceOf(error), job: { kind: "refused" } };
      }
    },

    resume(name, writes, places, of) {
      const job = readName(name);
      const [first] = writes;
      if (job === null || first === undefined) return null;
      poller.track(job.id);
      const items = Array.from({ length: of }, (): Json => null);
      for (const [at, write] of writes.entries()) items[places[at]!] = itemOf(write);
      const sent = { writes, places, items, object: first.claim.object, action: job.action, fences: [] };
      return runningJob({ client, poller, sent }, { id: job.id });
    },

    list: {
      page: async (after, signal) => await pageOf(async () => await listJobs(client, after, { signal })),
      of: async (ids, signal) => await pageOf(async () => await askForJobs(client, ids, { signal })),
      idsAtOnce: LIMITS.pageSize,
    },
  };
}

async function pageOf(ask: () => Promise<JobsReply>): Promise<JobPage> {
  try {
    const { page, reply } = await ask();
    const exchange = exchangeOf(httpAnswer(reply), reply);
    if (page !== null) {
      const jobs = page.jobs.map((each) => ({ id: each.id, hasEnded: jobHasEnded(each) }));
      return { exchange, page: { jobs, after: page.after } };
    }
    // Credentials that may write records need not be allowed to look at jobs: that is no trouble of the destination.
    if (NO_LIST.has(reply.status)) {
      return { exchange: exchangeOf({ kind: "record", ...saidOf(reply) }, reply), page: "refused" };
    }
    if (reply.status > 299) return { exchange, page: null };
    return { exchange: unreadable("job_unreadable", "the answer is no list of jobs", reply), page: null };
  } catch (error) {
    return { exchange: silenceOf(error), page: null };
  }
}

const NO_LIST: ReadonlySet<number> = new Set([400, 403, 404, 405]);

/** The job's name for other workers: its id does not tell the action, by which item results are read. */
function nameOf({ action }: Sent, { id }: JobPlace): string {
  return `${action} ${id}`;
}

function readName(name: string): { readonly action: UsedJobAction; readonly id: string } | null {
  const [action = "", id] = name.split(" ");
  return id !== undefined && isJobAction(action) ? { action, id } : null;
}

/** A job as it was sent. */
type Sent = {
  readonly writes: readonly Write[];
  /** Where each write stands among the job's items: not all writes of a job that was taken over are known. */
  readonly places: readonly number[];
  readonly object: string;
  readonly action: UsedJobAction;
  readonly items: readonly Json[];
  readonly fences: readonly string[];
};

function sentOf(writes: readonly Write[]): Sent {
  const [first] = writes;
  const action = first === undefined ? null : actionOf(first);
  if (first === undefined || action === null) throw new Error("these writes can't go in a job");
  return {
    writes,
    places: writes.map((_, place) => place),
    object: first.claim.object,
    action,
    items: writes.map(itemOf),
    fences: writes.map(({ claim }) => claim.fence),
  };
}

/** The exchange of a forbidden job: while other requests get through, each of its records has to be sent alone. */
function forbidden(reply: Reply, { object, action }: Sent, permissions: Permissions): Exchange {
  const answer = permissions.forbidden(`${action} ${object}`, saidOf(reply), true);
  return exchangeOf(answer.kind === "record" ? { ...answer, kind: "split" } : answer, reply);
}

/** A job that runs: the client and the poller that ask for it, and the job as it was sent. */
type Running = { readonly client: ZendeskClient; readonly poller: JobPoller; readonly sent: Sent };

function exchangeOfJob(answer: JobAnswer, running: Running): JobExchange {
  const exchange = exchangeOf(httpAnswer(answer.reply), answer.reply);
  switch (answer.kind) {
    case "refused": {
      const { reply } = answer;
      // A destination that takes records only one by one has no trouble.
      if (hasNoJobs(reply)) return { exchange, job: { kind: "unsupported" } };
      const refusal = exchangeOf(answerOfJob(reply, running.sent.items.length, running.sent.object), reply);
      return { exchange: refusal, job: { kind: "refused" } };
    }
    case "lost":
      return {
        exchange: unreadable("job_unreadable", "the answer names no job", answer.reply),
        job: { kind: "refused" },
      };
    case "running": {
      const job = { kind: "running", job: runningJob(running, answer.place) } as const;
      if (answer.told || answer.reply.status > 299) return { exchange, job };
      return { exchange: unreadable("job_unreadable", "the answer tells of no job", answer.reply), job };
    }
    case "ended": {
      const { client, sent } = running;
      const items = itemsOf(answer, sent);
      const unsaid = sent.writes.filter((_, index) => items[index] === undefined);
      if (unsaid.length === 0) return { exchange, job: { kind: "done", items: items.filter(isSaid) } };
      return { exchange, job: { kind: "running", job: endedJob(client, sentOf(unsaid), items) } };
    }
  }
}

function runningJob(running: Running, place: JobPlace): RunningJob {
  const { client, poller, sent } = running;
  return {
    name: nameOf(sent, place),
    over: poller.over(place.id),
    async news() {
      const answer = await poller.news(place.id);
      return answer === null ? null : exchangeOfJob(answer, running);
    },
    async look(signal) {
      try {
        return exchangeOfJob(await poller.poll(place, signal), running);
      } catch (error) {
        return { exchange: silenceOf(error), job: { kind: "running", job: runningJob(running, place) } };
      }
    },
    readBack: async (signal) => await readRecords(client, sent, signal),
  };
}

/** A job that has ended without a result for some items: their records are read instead. */
function endedJob(client: ZendeskClient, unsaid: Sent, items: readonly (Exchange | undefined)[]): RunningJob {
  const read = async (signal: AbortSignal): Promise<JobExchange> => {
    const { exchange, job } = await readRecords(client, unsaid, signal);
    if (job.kind !== "done") return { exchange, job };
    const found = job.items.values();
    return { exchange, job: { kind: "done", items: items.map((item) => item ?? found.next().value!) } };
  };
  // Nobody else looks at the job's records. The promise is its own: waiters would pile up on one that all jobs share.
  const never = new Promise<void>(() => {});
  return { name: null, over: never, news: async () => null, look: read, readBack: read };
}

async function readRecords(client: ZendeskClient, sent: Sent, signal: AbortSignal): Promise<JobExchange> {
  const wanted = sent.writes.map((write) => ({
    key: write.claim.key,
    record: write.effect === "delete" ? null : recordValuesOf(write),
  }));
  try {
    const { found, reply } = await readBack(client, sent.object, wanted, { signal });
    const unread = unreadable("job_unreadable", "what became of this item can't be read", reply);
    if (reply === null) return { exchange: unread, job: { kind: "refused" } };
    const exchange = exchangeOf(httpAnswer(reply), reply);
    if (reply.status !== 200) return { exchange, job: { kind: "refused" } };
    return {
      exchange,
      job: { kind: "done", items: found.map((each) => (each === "as wanted" ? exchange : unread)) },
    };
  } catch (error) {
    return { exchange: silenceOf(error), job: { kind: "refused" } };
  }
}

function isSaid(item: Exchange | undefined): item is Exchange {
  return item !== undefined;
}

/**
 * Each item's exchange, as if it had been sent alone: a dead letter shows that item with its own result. Undefined: the job has no
 * result for the item.
 */
function itemsOf({ job, reply }: Extract<JobAnswer, { kind: "ended" }>, sent: Sent): readonly (Exchange | undefined)[] {
  const { object, action, items } = sent;
  const results = readItemResults(job, items);
  return sent.places.map((index): Exchange | undefined => {
    const result = results[index];
    const path = `/api/v2/custom_objects/${encodeURIComponent(object)}/jobs`;
    const request = { method: "POST", path, body: { job: { action, items: [items[index]!] } } } as const;
    const effect = action === "delete_by_external_id" ? "delete" : "fields";
    const answered = (status: number, error: { code?: string; text?: string } = {}, body: unknown = null): Exchange => {
      const alone: Reply = {
        status,
        ...(error.code === undefined ? {} : { errorCode: error.code }),
        ...(error.text === undefined || error.text === "" ? {} : { errorText: error.text }),
        body,
        sent: true,
        request,
      };
      return { ...exchangeOf(answerOf(alone, effect, object), alone), shared: true };
    };
    switch (result?.kind) {
      case "done":
        return answered(200);
      case "absent":
        return answered(404, { code: "RecordNotFound" });
      case "refused":
        return answered(result.status, result, result.said);
      case undefined:
        // A job that failed as a whole has no results for its items; some may have been written.
        if (job.status === "completed") return undefined;
        return answered(500, { code: "JobFailed", text: `the job ended as ${job.status}` }, reply.body);
    }
  });
}
