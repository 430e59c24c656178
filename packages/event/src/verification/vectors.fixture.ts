import { readFileSync } from "node:fs";
import type { WebhookRequest } from "../request.ts";

/** A request that a vendor published or that was computed by its rules, and whether it is authentic. */
export type Vector = {
  readonly scheme: string;
  readonly secret: string;
  readonly secrets?: readonly string[];
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly now?: number;
  readonly remote_ip?: string;
  readonly valid: boolean;
  readonly why: string;
};

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../vectors/${name}`, import.meta.url), "utf8"));

export const VECTORS = read("source-vectors.json") as readonly Vector[];

/** The vectors of senders that came later: computed by each vendor's rules in another language, or published by the vendor. */
export const ADDED_VECTORS = read("added-vectors.json") as readonly Vector[];

/** The vectors' schemes, written out. */
export const TABLES = read("source-schemes.json") as { readonly [name: string]: { readonly type: string } };

export function vectorRequest({ method, url, headers, body, remote_ip: remoteAddress }: Vector): WebhookRequest {
  return {
    method,
    url,
    path: new URL(url).pathname,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: Buffer.from(body, "utf8"),
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  };
}
