import { tokenPlace, type ZendeskAuth } from "./authorization/authorization.ts";
import { createZendeskClient, type ZendeskClient } from "./client.ts";
import { isConfirmed } from "./confirmation.ts";
import type { Destination } from "../destination.ts";
import type { Kind } from "../kind.ts";
import { exchangeOf, saidOf, silenceOf, unreadable } from "../http/answer.ts";
import { FORBIDDEN_AGAIN_MS, TOKEN_LOCK_TIMEOUTS } from "../limits.ts";
import { createPermissions } from "../http/permissions.ts";
import { answerOf } from "./answer.ts";
import { zendeskJobs } from "./jobs/jobs.ts";
import { zendeskObjects } from "./objects.ts";
import { zendeskReadBack } from "./reading.ts";
import { recordRequest } from "./record-request.ts";
import { recordValuesOf, withName } from "./record.ts";
import { createStamping } from "./stamping.ts";

/** Zendesk, or services/records: one write is a PATCH or DELETE by the record's key, many are a bulk job. */
export const ZENDESK: Kind<ZendeskAuth> = {
  open({ url, auth, concurrency, timeoutMs, tokenStore, warn }) {
    if ("apiToken" in auth) warn("Zendesk's API tokens end on 2027-04-30: change this destination to auth.oauth");
    const lockMs = timeoutMs * TOKEN_LOCK_TIMEOUTS;
    const shared = "oauth" in auth ? { tokenStore: tokenStore(tokenPlace(url, auth.oauth), lockMs) } : {};
    const client = createZendeskClient({ url, auth, concurrency, timeoutMs, ...shared });
    // An OAuth token is made anew, and the next one may be good; credentials in a file stay refused.
    return { ...destinationOf(client), credentialsAgainMs: "oauth" in auth ? FORBIDDEN_AGAIN_MS : null };
  },
  show: (url, { object, key }, values) => recordRequest(url, object, key, values === null ? null : withName(values)),
};

function destinationOf(client: ZendeskClient): Omit<Destination, "credentialsAgainMs"> {
  const permissions = createPermissions();
  const objects = zendeskObjects(client, () => performance.now());
  const stamping = createStamping();
  return {
    async write(write, signal, traced) {
      const { effect, claim } = write;
      const request = permissions.begin();
      const { object, key, fence } = claim;
      const values = recordValuesOf(write);
      const headers = { ...stamping.headers([write]), ...traced?.headers };
      try {
        const reply = await (effect === "delete"
          ? client.deleteRecord(object, key, { fence, headers, signal })
          : client.upsertRecord(object, key, values, { fence, headers, signal }));
        stamping.hear(reply);
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
    jobs: zendeskJobs(client, permissions, stamping),
    readBack: zendeskReadBack(client),
    close: async () => await client.close(),
  };
}
