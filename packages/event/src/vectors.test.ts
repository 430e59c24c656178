import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findScheme } from "./catalog.ts";
import { readScheme } from "./read-scheme.ts";
import type { WebhookRequest } from "./request.ts";
import type { Scheme } from "./scheme.ts";
import { verify } from "./verify.ts";

/** A request that a vendor published or that was computed by its rules, and whether it is authentic. */
type Vector = {
  readonly scheme: string;
  readonly secret: string;
  readonly secrets?: readonly string[];
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly now?: number;
  readonly valid: boolean;
  readonly why: string;
};

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
const vectors = read("source-vectors.json") as readonly Vector[];
const tables = read("source-schemes.json") as { readonly [name: string]: { readonly type: string } };

/** What the table alone can't say yet: handshakes, JWT, XML, addresses and proxies. */
const BEYOND_THE_TABLE = new Set(["handshake", "jwt", "ip", "mtls-header"]);
const isBeyond = (name: string): boolean =>
  BEYOND_THE_TABLE.has(tables[name]?.type ?? "") || name === "salesforce-outbound-message";

function requestOf({ method, url, headers, body }: Vector): WebhookRequest {
  return {
    method,
    url,
    path: new URL(url).pathname,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: Buffer.from(body, "utf8"),
  };
}

function isAuthentic(scheme: Scheme, vector: Vector): boolean {
  const secrets = vector.secrets ?? [vector.secret];
  return verify(scheme, requestOf(vector), secrets, (vector.now ?? 0) * 1_000).ok;
}

const expressible = vectors.filter(({ scheme }) => !isBeyond(scheme));

test("151 of the 182 vectors concern schemes that the table expresses", () => {
  expect(vectors).toHaveLength(182);
  expect(expressible).toHaveLength(151);
});

test.each(expressible)("as a row of data, $scheme judges: $why", (vector) => {
  expect(isAuthentic(readScheme(tables[vector.scheme]), vector)).toBe(vector.valid);
});

const named = vectors.filter(({ scheme }) => findScheme(scheme) !== undefined);

test("every scheme that has a name and vectors is among those judged by name", () => {
  expect(new Set(named.map(({ scheme }) => scheme))).toEqual(
    new Set(["standard-webhooks", "hubspot-v3", "shopify", "generic-hmac-sha512"]),
  );
});

test.each(named)("by its name, $scheme judges: $why", (vector) => {
  expect(isAuthentic(findScheme(vector.scheme) as Scheme, vector)).toBe(vector.valid);
});
