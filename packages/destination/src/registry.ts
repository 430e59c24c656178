import type { Kind } from "./kind.ts";
import { ZENDESK } from "./zendesk/kind.ts";

/** Every kind of destination, by its word for `kind` in the configuration. */
const KINDS = { zendesk: ZENDESK } as const satisfies Record<string, Kind<never>>;

export type KindName = keyof typeof KINDS;

export function kindOf<Name extends KindName>(name: Name): (typeof KINDS)[Name] {
  return KINDS[name];
}
