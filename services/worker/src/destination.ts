import {
  createZendeskClient,
  cupboardPlace,
  DestinationUnreachableError,
  type Reply,
  type ZendeskClient,
} from "@sluice/zendesk/client";
import { NAME_FIELD, type Answer } from "@sluice/record";
import type { Claim, Queue } from "@sluice/queue";
import type { DestinationConfiguration, Log } from "@sluice/runtime";
import { TOKEN_LOCK_TIMEOUTS } from "./limits.ts";

/** What the writer needs of a destination: two calls, each of which tells what came of it. */
export interface Destination {
  upsert(claim: Claim, signal: AbortSignal): Promise<Exchange>;
  delete(claim: Claim, signal: AbortSignal): Promise<Exchange>;
  close(): Promise<void>;
}

/** A call and its answer. `reply` is what a dead letter shows. */
export type Exchange = { readonly answer: Answer; readonly reply: Reply | null };

export function connectDestination(configured: DestinationConfiguration, queue: Queue, log: Log): Destination {
  const { name, url, auth, concurrency, timeoutMs } = configured;
  if ("apiToken" in auth) {
    log.warn({ destination: name }, "Zendesk's API tokens end on 2027-04-30: change this destination to auth.oauth");
  }
  const lockMs = timeoutMs * TOKEN_LOCK_TIMEOUTS;
  const client: ZendeskClient = createZendeskClient({
    url,
    auth,
    concurrency,
    timeoutMs,
    ...("oauth" in auth ? { cupboard: queue.cupboard(name, cupboardPlace(url, auth.oauth), lockMs) } : {}),
  });
  return {
    async upsert({ object, key, fence, snapshot }, signal) {
      const fields = new Map([...snapshot.fields].map(([field, { value }]) => [field, value]));
      const recordName = fields.get(NAME_FIELD);
      fields.delete(NAME_FIELD);
      const record = {
        // What is no text is sent as it is: the destination says what is wrong with it, in a dead letter.
        ...(recordName === undefined ? {} : { name: recordName as string | null }),
        fields: Object.fromEntries(fields),
      };
      return await exchange(client.upsertRecord(object, key, record, { fence, signal }));
    },
    async delete({ object, key, fence }, signal) {
      return await exchange(client.deleteRecord(object, key, { fence, signal }));
    },
    close: async () => await client.close(),
  };
}

async function exchange(call: Promise<Reply>): Promise<Exchange> {
  try {
    const reply = await call;
    const { status, retryAfterSeconds, errorCode, errorText } = reply;
    return { answer: { kind: "reply", status, retryAfterSeconds, errorCode, errorText }, reply };
  } catch (error) {
    if (!(error instanceof DestinationUnreachableError)) throw error;
    return { answer: { kind: "silence", code: error.code, message: error.message }, reply: null };
  }
}
