import { isKeySetUrl } from "./jwt.ts";
import { memberKeysOf } from "../signature/member-signature.ts";
import type { WebhookRequest } from "../request.ts";
import type { Check, Scheme } from "../scheme.ts";
import { remoteKeysOf } from "../signature/signature.ts";

/**
 * The URLs of the published keys that verifying a request needs: those of key sets that stand in the
 * configuration, and those that the request names within the host and paths that the scheme pins. The caller has them fetched and
 * hands them to `verify`.
 */
export function remoteKeys({ check }: Scheme, request: WebhookRequest, secrets: readonly string[]): readonly string[] {
  const checks = check.type === "any" ? check.of : [check];
  return checks.flatMap((one) => {
    if (one.type === "signature") return remoteKeysOf(one, request, secrets);
    return one.type === "members" ? memberKeysOf(one, request, secrets) : configuredKeys(one, secrets);
  });
}

/** The URLs of published keys that are known before any request: they are fetched at start. */
export function configuredKeys(check: Check, secrets: readonly string[]): readonly string[] {
  if (check.type === "jwt") return secrets.filter((secret) => isKeySetUrl(check, secret));
  return check.type === "any" ? check.of.flatMap((one) => configuredKeys(one, secrets)) : [];
}
