import { SluiceError } from "@sluice/runtime";
import type { Json } from "@sluice/zendesk";
import {
  DestinationUnreachableError,
  createZendeskClient,
  type Reply,
  type ReplyRequest,
  type ZendeskAuth,
  type ZendeskClient,
} from "@sluice/destination/zendesk";
import { LIMITS } from "./limits.ts";

/** The API that records are moved to and from. */
export type RecordsApi = {
  readonly client: ZendeskClient;
  /** The object's own fields and their types, in their order. */
  fieldsOf(object: string): Promise<ReadonlyMap<string, string>>;
  /**
   * Asks again for as long as a failure is the moment's fault.
   * @throws SluiceError `transfer_refused`
   */
  ask(method: ReplyRequest["method"], path: string, body?: Json): Promise<Reply>;
  /** Calls until an answer is not one of the moment, or the attempts are over; the last answer counts. */
  patiently(call: () => Promise<Reply>): Promise<Reply>;
  close(): Promise<void>;
};

/**
 * @param auth a bearer token, or `email/token:token`
 * @param onWait is told of each failure that is waited out, in words for whoever waits
 */
export function openRecordsApi(url: string, auth: string, onWait: (words: string) => void = () => {}): RecordsApi {
  const client = createZendeskClient({
    url,
    auth: readAuth(auth),
    concurrency: LIMITS.jobsAtOnce + 1,
    timeoutMs: LIMITS.requestMs,
  });
  const patiently = async (call: () => Promise<Reply>): Promise<Reply> => {
    for (let attempt = 1; ; attempt += 1) {
      let waitMs = Math.min(LIMITS.firstWaitMs * 2 ** (attempt - 1), LIMITS.lastWaitMs);
      let why: string;
      try {
        const reply = await call();
        if (!isOfTheMoment(reply.status) || attempt >= LIMITS.attempts) return reply;
        if (reply.retryAfterSeconds !== undefined) waitMs = reply.retryAfterSeconds * 1000;
        why = `${url} answered ${reply.status}`;
      } catch (error) {
        if (!(error instanceof DestinationUnreachableError) || attempt >= LIMITS.attempts) throw error;
        why = error.message;
      }
      const left = LIMITS.attempts - attempt;
      onWait(`${why}; it is asked again in ${waitMs / 1000} s, ${left === 1 ? "once" : `${left} times`} more at most.`);
      await pause(waitMs);
    }
  };
  const ask: RecordsApi["ask"] = async (method, path, body = null) => {
    const reply = await patiently(async () => await client.ask(method, path, body));
    if (reply.status >= 200 && reply.status <= 299) return reply;
    throw refused(reply);
  };
  return {
    client,
    ask,
    patiently,
    async fieldsOf(object) {
      const { body } = await ask("GET", `custom_objects/${encodeURIComponent(object)}/fields`);
      const { custom_object_fields: fields } = body as { custom_object_fields: { key: string; type: string }[] };
      return new Map(fields.map(({ key, type }) => [key, type]));
    },
    close: async () => await client.close(),
  };
}

/** The error for an answer that the same request would get again. */
export function refused({ status, errorCode, errorText, request }: Reply): SluiceError {
  const said = [errorCode, errorText].filter((text) => text !== undefined).join(": ");
  return new SluiceError(
    `${request.method} ${request.path} was answered with ${status}${said === "" ? "" : ` (${said})`}`,
    {
      code: "transfer_refused",
      hint:
        status === 401 || status === 403
          ? "check --token"
          : status === 404
            ? "check --object and --url: the object must be there before its records"
            : "the answer says what is wrong with the request",
    },
  );
}

/** An answer that a later one may differ from. */
export function isOfTheMoment(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms));
}

function readAuth(auth: string): ZendeskAuth {
  const at = /^([^\s:]+@[^\s:]+)\/token:(.+)$/.exec(auth);
  return at === null ? { bearer: auth } : { email: at[1] ?? "", apiToken: at[2] ?? "" };
}
