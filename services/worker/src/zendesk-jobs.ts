import type { Json } from "@sluice/event";
import { LIMITS } from "@sluice/zendesk";
import {
  askForJob,
  createJob,
  readBack,
  readItemResults,
  type JobAction,
  type JobAnswer,
  type JobPlace,
  type Reply,
  type ZendeskClient,
} from "@sluice/zendesk/client";
import type { Exchange, JobExchange, Jobs, RunningJob, Write } from "./destination.ts";
import { exchangeFor, silenceOf } from "./exchange.ts";
import { actionOf, itemOf, valuesOf } from "./zendesk-record.ts";

/** Bulk jobs of custom objects, each of one object and one action (§10 of the wire contract). */
export function zendeskJobs(client: ZendeskClient): Jobs {
  return {
    atOnce: LIMITS.liveJobs,

    groupOf(write) {
      const action = actionOf(write);
      return action === null ? null : `${action} ${write.claim.object}`;
    },

    async start(writes, signal) {
      const sent = sentOf(writes);
      try {
        return exchangeOfJob(await createJob(client, sent, { signal }), client, sent);
      } catch (error) {
        return { exchange: silenceOf(error), job: { kind: "refused" } };
      }
    },
  };
}

/** A job as it was asked for. */
type Sent = {
  readonly writes: readonly Write[];
  readonly object: string;
  readonly action: JobAction;
  readonly items: readonly Json[];
  readonly fences: readonly string[];
};

function sentOf(writes: readonly Write[]): Sent {
  const [first] = writes;
  const action = first === undefined ? null : actionOf(first);
  if (first === undefined || action === null) throw new Error("these writes can't go in a job");
  return {
    writes,
    object: first.claim.object,
    action,
    items: writes.map(itemOf),
    fences: writes.map(({ claim }) => claim.fence),
  };
}

function exchangeOfJob(answer: JobAnswer, client: ZendeskClient, sent: Sent): JobExchange {
  const exchange = exchangeFor(answer.reply);
  switch (answer.kind) {
    case "refused":
      return { exchange, job: { kind: "refused" } };
    case "lost":
      return { exchange: silent("job_unreadable", "the answer names no job", answer.reply), job: { kind: "refused" } };
    case "running":
      return { exchange, job: { kind: "running", job: runningJob(client, sent, answer.place) } };
    case "ended":
      return { exchange, job: { kind: "done", items: itemsOf(answer, sent) } };
  }
}

function runningJob(client: ZendeskClient, sent: Sent, place: JobPlace): RunningJob {
  return {
    async look(signal) {
      try {
        return exchangeOfJob(await askForJob(client, place, { signal }), client, sent);
      } catch (error) {
        return { exchange: silenceOf(error), job: { kind: "running", job: runningJob(client, sent, place) } };
      }
    },

    async readBack(signal) {
      const wanted = sent.writes.map((write) => ({
        key: write.claim.key,
        record: write.effect === "delete" ? null : valuesOf(write),
      }));
      try {
        const { found, reply } = await readBack(client, sent.object, wanted, { signal });
        const unread = silent("job_unreadable", "what became of this item can't be read", reply);
        if (reply === null) return { exchange: unread, job: { kind: "refused" } };
        const exchange = exchangeFor(reply);
        if (reply.status !== 200) return { exchange, job: { kind: "refused" } };
        return {
          exchange,
          job: { kind: "done", items: found.map((each) => (each === "as wanted" ? exchange : unread)) },
        };
      } catch (error) {
        return { exchange: silenceOf(error), job: { kind: "refused" } };
      }
    },
  };
}

/** Each item's answer, as if it had been sent alone: what a dead letter shows is that item, and what was said of it. */
function itemsOf({ job, reply }: Extract<JobAnswer, { kind: "ended" }>, sent: Sent): readonly Exchange[] {
  return readItemResults(job, sent.items).map((result, index): Exchange => {
    const { object, action, items } = sent;
    const path = `/api/v2/custom_objects/${encodeURIComponent(object)}/jobs`;
    const request = { method: "POST", path, body: { job: { action, items: [items[index]!] } } } as const;
    const answered = (status: number, error: { code?: string; text?: string } = {}, body: unknown = null): Exchange =>
      exchangeFor({
        status,
        ...(error.code === undefined ? {} : { errorCode: error.code }),
        ...(error.text === undefined || error.text === "" ? {} : { errorText: error.text }),
        body,
        sent: true,
        request,
      });
    switch (result?.kind) {
      case "done":
        return answered(200);
      case "absent":
        return answered(404, { code: "RecordNotFound" });
      case "refused":
        return answered(result.status, result, result.said);
      case undefined:
        // A job that failed as a whole says nothing of its items; some may have been written.
        return job.status === "completed"
          ? silent("job_unreadable", "the job says nothing of this item", reply)
          : answered(500, { code: "JobFailed", text: `the job ended as ${job.status}` }, reply.body);
    }
  });
}

/** An answer came, and it does not tell. */
function silent(code: string, message: string, reply: Reply | null): Exchange {
  return { answer: { kind: "silence", code, message }, reply };
}
