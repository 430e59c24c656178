import { readRanges } from "./address.ts";
import { readFingerprint } from "./client.ts";
import { audienceOf, isKeySetUrl, readKeySet } from "./jwt.ts";
import { readSecretKey } from "../signature/key.ts";
import type { Check, Scheme } from "../scheme.ts";

/**
 * The fault of a secret, without the secret itself; undefined when it can be used. Checked when the
 * configuration is read, since at the door such a secret would only ever refuse.
 */
export function faultOfSecret({ name, check }: Scheme, secret: string): string | undefined {
  return secret === "" ? "is empty" : faultOf(name, check, secret);
}

function faultOf(name: string, check: Check, secret: string): string | undefined {
  switch (check.type) {
    case "basic":
      return secret.includes(":") ? undefined : "is not of the form user:password";
    case "ip":
      return readRanges(secret) === undefined ? "is not a list of addresses or CIDR ranges with commas" : undefined;
    case "mtls-header":
      return readFingerprint(secret) === undefined ? "is not a fingerprint in hexadecimal digits" : undefined;
    case "jwt":
      if (check.aud?.includes("{fragment}") === true && audienceOf(secret) === undefined) {
        return "is not the https URL of a key set with the tokens' audience behind #";
      }
      if (check.jwks !== true || isKeySetUrl(check, secret) || readKeySet(secret) !== undefined) return undefined;
      return "is neither a JSON Web Key Set nor the https URL of one";
    case "any": {
      const faults = check.of.map((one) => faultOf(name, one, secret));
      return faults.includes(undefined) ? undefined : faults[0];
    }
    case "signature": {
      // Where the sender publishes its keys, the secret may say who we are instead.
      if (check.remote !== undefined || readSecretKey(check, secret) !== undefined) return undefined;
      const prefix = check.keyPrefix === undefined ? "" : ` (after ${check.keyPrefix})`;
      return `is not a key of scheme "${name}": expected ${check.key}${prefix}`;
    }
    case "members": {
      const { remote, key } = check;
      if (readSecretKey(check, secret) !== undefined) return undefined;
      if (remote === undefined) return `is not a key of scheme "${name}": expected ${key}`;
      const isRecipient = new RegExp(`^(?:${remote.recipientPattern})$`).test(secret);
      return isRecipient ? undefined : `is neither the ${remote.recipient} that messages are sent to nor keys as PEM`;
    }
    case "token":
    case "bearer":
    case "none":
      return undefined;
  }
}
