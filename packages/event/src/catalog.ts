import type { Scheme } from "./scheme.ts";
import { genericHmacSha256, genericHmacSha512 } from "./schemes/generic-hmac.ts";
import { hubspotV3 } from "./schemes/hubspot.ts";
import { shopify } from "./schemes/shopify.ts";
import { standardWebhooks } from "./schemes/standard-webhooks.ts";

const ROWS: readonly Scheme[] = [standardWebhooks, hubspotV3, shopify, genericHmacSha256, genericHmacSha512];

/** What people write when they mean the sender's current scheme. */
const ALIASES: ReadonlyMap<string, Scheme> = new Map([["hubspot", hubspotV3]]);

const CATALOG: ReadonlyMap<string, Scheme> = new Map([...ROWS.map((row) => [row.name, row] as const), ...ALIASES]);

export function findScheme(name: string): Scheme | undefined {
  return CATALOG.get(name);
}

/** Every name that `scheme:` takes, in alphabetical order. */
export function schemeNames(): string[] {
  return [...CATALOG.keys()].toSorted();
}
