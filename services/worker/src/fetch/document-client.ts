import { parseJson, type Json } from "@sluice/event";
import type { FetchConfiguration } from "@sluice/runtime";
import { openHttpClient, timedOut, withDeadline, type Reply } from "@sluice/destination/http";
import { authorizeWith } from "./authorization.ts";
import { ask, type FetchReply } from "./ask.ts";

/** An answer, and its body as exact JSON. */
export type Fetched = {
  readonly reply: Reply;
  /** @throws UnreadableBodyError */
  json(): Json;
};

export interface DocumentClient {
  /** Asks for a document; `more` are headers beside the configured ones. @throws DestinationUnreachableError, or the reason of `signal` when that was it. */
  get(url: string, signal: AbortSignal, more?: Readonly<Record<string, string>>): Promise<Fetched>;
  /** Resolves when the requests under way have ended. */
  close(): Promise<void>;
}

/** Gets documents over HTTP. It follows no redirect: elsewhere the credentials would be somebody else's to read. */
export function createDocumentClient(
  { auth, headers, timeoutMs, concurrency, privateAddresses }: FetchConfiguration,
  nowMs: () => number,
): DocumentClient {
  const asking = openHttpClient({ connections: concurrency, timeoutMs, privateAddresses });
  const authorization = authorizeWith(auth, asking, nowMs);

  async function once(
    url: string,
    stop: AbortSignal,
    more: Readonly<Record<string, string>>,
  ): Promise<readonly [Fetched, again: boolean]> {
    const granted = await authorization.ask(stop);
    if ("refusal" in granted) return [fetchedOf(granted.refusal), false];
    const { header } = granted;
    // A key may stand in a header of its own.
    const secrets = [...granted.secrets, ...Object.values(headers)];
    const sent = {
      accept: "application/json",
      ...more,
      ...headers,
      ...(header === null ? {} : { authorization: header }),
    };
    const answered = await ask(asking, url, { method: "GET", headers: sent, secrets, stop }, nowMs());
    return [fetchedOf(answered), answered.reply.status === 401 && authorization.forget(header)];
  }

  return {
    async get(url, signal, more = {}) {
      const { origin } = new URL(url);
      const late = () => timedOut(origin, timeoutMs);
      return await withDeadline(timeoutMs, signal, late, async (stop) => {
        const [fetched, again] = await once(url, stop, more);
        // An access token may have been withdrawn before its time: one new one is tried.
        return again ? (await once(url, stop, more))[0] : fetched;
      });
    },
    close: async () => await asking.close(),
  };
}

function fetchedOf({ reply, bytes }: FetchReply): Fetched {
  return { reply, json: () => parseJson(bytes) };
}
