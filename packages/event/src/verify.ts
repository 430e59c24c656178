import { verifyCredential } from "./credential.ts";
import { LIMITS } from "./limits.ts";
import type { WebhookRequest } from "./request.ts";
import type { Scheme } from "./scheme.ts";
import { verifySignature } from "./signature.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Says whether a request comes from who holds one of the secrets. Everything that can't be read
 * strictly counts as not authentic.
 * @param secrets live at the same time, the newest first; only the first eight count.
 */
export function verify(scheme: Scheme, request: WebhookRequest, secrets: readonly string[], nowMs: number): Verdict {
  const live = secrets.slice(0, LIMITS.maxSecrets);
  if (live.length === 0) return { ok: false, reason: "secret_missing" };
  return scheme.check.type === "signature"
    ? verifySignature(scheme.check, request, live, nowMs)
    : verifyCredential(scheme.check, request, live);
}
