import type { WebhookRequest } from "./request.ts";
import type { Scheme } from "./scheme.ts";
import { decodeUtf8 } from "./utf8.ts";

/** A verified webhook as it is written down: all that its events are read from, and none of its credentials. */
export type KeptWebhook = {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

export function keep(_scheme: Scheme, request: WebhookRequest): KeptWebhook {
  const { method, url, path, query = "", headers, body } = request;
  const pairs: [string, string][] = [];
  for (const [name, values] of headers) for (const value of values) pairs.push([name, value]);
  return { method, url, path, query, headers: pairs, body: decodeUtf8(body) };
}

export function asRequest({ method, url, path, query, headers, body }: KeptWebhook): WebhookRequest {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  return { method, url, path, query, headers: values, body: Buffer.from(body, "utf8") };
}
