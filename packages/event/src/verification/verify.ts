import { verifyAddress, verifyMtlsHeader } from "./client.ts";
import { verifyCredential } from "./credential.ts";
import { verifyJwt } from "./jwt.ts";
import { LIMITS } from "../limits.ts";
import { verifyMembers } from "../signature/member-signature.ts";
import type { WebhookRequest } from "../request.ts";
import type { Check, Scheme } from "../scheme.ts";
import { verifySignature } from "../signature/signature.ts";
import type { VerifyResult } from "./verdict.ts";

/** Facts that a verdict needs beside the request. */
export type VerifyContext = {
  /** Addresses and CIDR ranges of the proxies before us: they alone are believed about the caller. */
  readonly trustedProxies?: readonly string[];
  /** Published keys by their URL, as far as they are known; see `remoteKeys`. */
  readonly keys?: ReadonlyMap<string, string>;
};

/**
 * Verifies that a request comes from a holder of one of the secrets. A request that can't be read
 * strictly counts as not authentic. A promise comes back only where a JSON Web Token is checked.
 * @param secrets live at the same time, the newest first; only the first eight count.
 */
export function verify(
  scheme: Scheme,
  request: WebhookRequest,
  secrets: readonly string[],
  nowMs: number,
  around: VerifyContext = {},
): VerifyResult | Promise<VerifyResult> {
  const live = secrets.slice(0, LIMITS.maxSecrets);
  if (live.length === 0) return { ok: false, reason: "secret_missing" };
  return verifyCheck(scheme.check, request, live, nowMs, around);
}

function verifyCheck(
  check: Check,
  request: WebhookRequest,
  secrets: readonly string[],
  nowMs: number,
  around: VerifyContext,
): VerifyResult | Promise<VerifyResult> {
  switch (check.type) {
    case "signature":
      return verifySignature(check, request, secrets, nowMs, around.keys);
    case "members":
      return verifyMembers(check, request, secrets, nowMs, around.keys);
    case "token":
    case "basic":
    case "bearer":
      return verifyCredential(check, request, secrets);
    case "jwt":
      return verifyJwt(check, request, secrets, nowMs, around.keys);
    case "ip":
      return verifyAddress(request, secrets, around.trustedProxies ?? []);
    case "mtls-header":
      return verifyMtlsHeader(check, request, secrets, around.trustedProxies ?? check.trustedProxies);
    case "any": {
      const verdicts = check.of.map((one) => verifyCheck(one, request, secrets, nowMs, around));
      return verdicts.some((verdict) => verdict instanceof Promise)
        ? Promise.all(verdicts.map(async (verdict) => verdict)).then(bestOf)
        : bestOf(verdicts as VerifyResult[]);
    }
    case "none":
      return { ok: false, reason: "credential_missing" };
  }
}

/** The first good verdict; else one about a proof that was there before one about a proof that was missing. */
function bestOf(verdicts: readonly VerifyResult[]): VerifyResult {
  const good = verdicts.find(({ ok }) => ok);
  const wrong = verdicts.find((verdict) => !verdict.ok && !verdict.reason.endsWith("_missing"));
  return good ?? wrong ?? verdicts[0] ?? { ok: false, reason: "credential_missing" };
}
