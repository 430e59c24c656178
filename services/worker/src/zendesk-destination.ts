import { createZendeskClient, cupboardPlace, isConfirmed } from "@sluice/zendesk/client";
import type { Queue } from "@sluice/queue";
import type { DestinationConfiguration, Log } from "@sluice/runtime";
import type { Destination } from "./destination.ts";
import { exchangeOf, saidOf, silenceOf, unreadable } from "./http-answer.ts";
import { TOKEN_LOCK_TIMEOUTS } from "./limits.ts";
import { createPermissions } from "./permissions.ts";
import { answerOf } from "./zendesk-answer.ts";
import { zendeskJobs } from "./zendesk-jobs.ts";
import { zendeskObjects } from "./zendesk-objects.ts";
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
  const permissions = createPermissions();
  const objects = zendeskObjects(client, () => performance.now());
  return {
    async write(write, signal) {
      const { effect, claim } = write;
      const request = permissions.begin();
      const { object, key, fence } = claim;
      const values = valuesOf(write);
      try {
        const reply = await (effect === "delete"
          ? client.deleteRecord(object, key, { fence, signal })
          : client.upsertRecord(object, key, values, { fence, signal }));
        const answer = answerOf(reply, effect, object);
        if (reply.status === 403) return exchangeOf(permissions.forbidden(claim.id, saidOf(reply)), reply);
        if (answer.kind === "gone") return exchangeOf(await objects.answerOfMissing(object, signal), reply);
        if (answer.kind !== "done") return exchangeOf(answer, reply);
        if (isConfirmed(reply, { object, key, name: values.name, effect })) {
          permissions.granted(request);
          objects.seen(object);
          return exchangeOf(answer, reply);
        }
        return unreadable("answer_unreadable", "the answer does not say that this record was written", reply);
      } catch (error) {
        return silenceOf(error);
      }
    },
    jobs: zendeskJobs(client, permissions),
    close: async () => await client.close(),
  };
}
