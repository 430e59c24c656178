import { readKey } from "./key.ts";
import type { Scheme } from "./scheme.ts";

/**
 * What is wrong with a secret, without repeating it; undefined when it can be used. Asked when the
 * configuration is read, since at the door such a secret would only ever refuse.
 */
export function faultOfSecret(scheme: Scheme, secret: string): string | undefined {
  const { check } = scheme;
  if (secret === "") return "is empty";
  if (check.type === "basic") return secret.includes(":") ? undefined : "is not of the form user:password";
  if (check.type !== "signature" || readKey(check, secret) !== undefined) return undefined;
  const prefix = check.keyPrefix === undefined ? "" : ` (after ${check.keyPrefix})`;
  return `is not a key of scheme "${scheme.name}": expected ${check.key}${prefix}`;
}
