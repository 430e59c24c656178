import { createZendeskClient, cupboardPlace, isConfirmed } from "@sluice/zendesk/client";
import type { Queue } from "@sluice/queue";
import type { DestinationConfiguration, Log } from "@sluice/runtime";
import type { Destination } from "./destination.ts";
import { exchangeOf, silenceOf, unreadable } from "./http-answer.ts";
import { TOKEN_LOCK_TIMEOUTS } from "./limits.ts";
import { answerOf } from "./zendesk-answer.ts";
import { zendeskJobs } from "./zendesk-jobs.ts";
import { valuesOf } from "./zendesk-record.ts";

/** Zendesk, or services/records: one write is a PATCH or DELETE by the record's key, many are a bulk job. */
export function connectDestination(configured: DestinationConfiguration, queue: Queue, log: Log): Destination {
  const { name, url, auth, concurrency, timeoutMs } = configured;
  if ("apiToken" in auth) {
    log.warn({ destination: name }, "Zendesk's API tokens end on 2027-04-30: change this destination to auth.oauth");
  }
  const lockMs = timeoutMs * TOKEN_LOCK_TIMEOUTS;
  const client = createZendeskClient({
    url,
    auth,
    concurrency,
    timeoutMs,
    ...("oauth" in auth ? { cupboard: queue.cupboard(name, cupboardPlace(url, auth.oauth), lockMs) } : {}),
  });
  return {
    async write(write, signal) {
      const { effect, claim } = write;
      const { object, key, fence } = claim;
      const values = valuesOf(write);
      try {
        const reply = await (effect === "delete"
          ? client.deleteRecord(object, key, { fence, signal })
          : client.upsertRecord(object, key, values, { fence, signal }));
        const answer = answerOf(reply, effect);
        if (answer.kind !== "done" || isConfirmed(reply, { object, key, name: values.name, effect })) {
          return exchangeOf(answer, reply);
        }
        return unreadable("answer_unreadable", "the answer does not say that this record was written", reply);
      } catch (error) {
        return silenceOf(error);
      }
    },
    jobs: zendeskJobs(client),
    close: async () => await client.close(),
  };
}
