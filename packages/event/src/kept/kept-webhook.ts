import type { WebhookRequest } from "../request.ts";
import type { Scheme } from "../scheme.ts";
import { decodeUtf8Whole } from "../body/utf8.ts";
import { eventIds } from "../events/read-events.ts";
import { withoutCredentials } from "./without-credentials.ts";

/** A verified webhook as it is written down: the parts that its events are read from, and none of its credentials. */
export type KeptWebhook = {
  readonly method: string;
  /** The public URL, without a query. */
  readonly url: string;
  readonly path: string;
  /** Without a question mark. */
  readonly query: string;
  /** Headers by lower-case names; a header that was repeated stands here as often. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body as it came in, but for credentials in it, which are blank. */
  readonly body: string;
};

/**
 * The part of a webhook that is written down. `readEvents(scheme, asRequest(keep(scheme, request)), source)` gives the events of
 * the request itself.
 * @throws UnreadableBodyError where the body is not UTF-8
 */
export function keep(scheme: Scheme, request: WebhookRequest): KeptWebhook {
  return kept(withoutCredentials(scheme, request));
}

/**
 * The same with the ids of its events, which are all that the door tells its sender of them.
 * @throws UnreadableBodyError
 */
export function keepWithIds(scheme: Scheme, request: WebhookRequest): { kept: KeptWebhook; ids: readonly string[] } {
  const rest = withoutCredentials(scheme, request);
  return { ids: eventIds(scheme, rest), kept: kept(rest) };
}

function kept({ method, url, path, query = "", headers, body }: WebhookRequest): KeptWebhook {
  const pairs: [string, string][] = [];
  for (const [name, values] of headers) for (const value of values) pairs.push([name, value]);
  return { method, url, path, query, headers: pairs, body: decodeUtf8Whole(body) };
}

/** The request that was kept, for `readEvents`: it can't be verified again. */
export function asRequest({ method, url, path, query, headers, body }: KeptWebhook): WebhookRequest {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  return { method, url, path, query, headers: values, body: Buffer.from(body, "utf8") };
}
