import { createZendeskClient, cupboardPlace } from "@sluice/zendesk/client";
import type { Queue } from "@sluice/queue";
import type { DestinationConfiguration, Log } from "@sluice/runtime";
import type { Destination, Exchange } from "./destination.ts";
import { exchangeOf, unreadable } from "./exchange.ts";
import { TOKEN_LOCK_TIMEOUTS } from "./limits.ts";
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
      const { object, key, fence } = write.claim;
      return confirmationOf(
        await exchangeOf(
          write.effect === "delete"
            ? client.deleteRecord(object, key, { fence, signal })
            : client.upsertRecord(object, key, valuesOf(write), { fence, signal }),
        ),
      );
    },
    jobs: zendeskJobs(client),
    close: async () => await client.close(),
  };
}

/** A proxy's page, or half an answer, may come with a status that says yes; the API says it in JSON, or with nothing at all. */
function confirmationOf(exchange: Exchange): Exchange {
  const { reply } = exchange;
  if (reply === null || reply.status < 200 || reply.status > 299) return exchange;
  const isJsonObject = typeof reply.body === "object" && !Array.isArray(reply.body);
  return isJsonObject ? exchange : unreadable("answer_unreadable", "the answer is none of the records' API", reply);
}
