import { parseJson, type Json } from "@sluice/event";
import type { FetchConfiguration } from "@sluice/runtime";
import { DestinationUnreachableError, type Reply } from "@sluice/zendesk/client";
import { authorizeWith } from "./authorization.ts";
import { ask, type Answered } from "./ask.ts";

/** An answer, and its body as exact JSON. */
export type Fetched = {
  readonly reply: Reply;
  /** @throws UnreadableBodyError */
  json(): Json;
};

export interface DocumentClient {
  /** Asks for a document. @throws DestinationUnreachableError, or the reason of `signal` when that was it. */
  get(url: string, signal: AbortSignal): Promise<Fetched>;
}

/** Gets documents over HTTP. It follows no redirect: elsewhere the credentials would be somebody else's to read. */
export function createDocumentClient(
  { auth, headers, timeoutMs }: FetchConfiguration,
  nowMs: () => number,
): DocumentClient {
  const authorization = authorizeWith(auth, nowMs);

  async function once(url: string, stop: AbortSignal): Promise<Fetched> {
    const granted = await authorization.ask(stop);
    if ("refusal" in granted) return fetchedOf(granted.refusal);
    const { header } = granted;
    // A key may stand in a header of its own.
    const secrets = [...granted.secrets, ...Object.values(headers)];
    const sent = { accept: "application/json", ...headers, ...(header === null ? {} : { authorization: header }) };
    return fetchedOf(await ask(url, { method: "GET", headers: sent, secrets, stop }, nowMs()));
  }

  return {
    async get(url, signal) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const stop = AbortSignal.any([deadline, signal]);
      try {
        const fetched = await once(url, stop);
        // An access token may have been withdrawn before its time: one new one is tried.
        return fetched.reply.status === 401 && authorization.forget() ? await once(url, stop) : fetched;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        const { origin } = new URL(url);
        throw deadline.aborted
          ? new DestinationUnreachableError(`${origin} did not answer within ${timeoutMs} ms`, {
              code: "destination_timeout",
              cause: error,
            })
          : new DestinationUnreachableError(`${origin} can't be reached`, {
              code: "destination_unreachable",
              cause: error,
            });
      }
    },
  };
}

function fetchedOf({ reply, bytes }: Answered): Fetched {
  return { reply, json: () => parseJson(bytes) };
}
