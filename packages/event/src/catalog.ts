import type { Sender } from "./sender.ts";
import { genericHmacSha256, genericHmacSha512 } from "./schemes/generic-hmac.ts";
import { hubspotV1, hubspotV2, hubspotV3 } from "./schemes/hubspot.ts";
import { shopify, shopifyEvents } from "./schemes/shopify.ts";
import { standardWebhooks, standardWebhooksEd25519, svix } from "./schemes/standard-webhooks.ts";

const ROWS: readonly Sender[] = [
  standardWebhooks,
  standardWebhooksEd25519,
  svix,
  hubspotV3,
  hubspotV2,
  hubspotV1,
  shopify,
  shopifyEvents,
  genericHmacSha256,
  genericHmacSha512,
];

/** What people write when they mean the sender's current scheme. */
const ALIASES: ReadonlyMap<string, Sender> = new Map([["hubspot", hubspotV3]]);

const CATALOG: ReadonlyMap<string, Sender> = new Map([...ROWS.map((row) => [row.name, row] as const), ...ALIASES]);

export function findScheme(name: string): Sender | undefined {
  return CATALOG.get(name);
}

/** Every name that `scheme:` takes, in alphabetical order. */
export function schemeNames(): string[] {
  return [...CATALOG.keys()].toSorted();
}

/** Every sender once, without the aliases, in the order of the documentation. */
export function senders(): readonly Sender[] {
  return ROWS;
}
