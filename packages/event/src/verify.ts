import { verifyAddress, verifyMtlsHeader } from "./client.ts";
import { verifyCredential } from "./credential.ts";
import { verifyJwt } from "./jwt.ts";
import { LIMITS } from "./limits.ts";
import type { WebhookRequest } from "./request.ts";
import type { Check, Scheme } from "./scheme.ts";
import { verifySignature } from "./signature.ts";
import type { Verdict } from "./verdict.ts";

/** What a verdict needs to know beyond the request. */
export type Surroundings = {
  /** Addresses and CIDR ranges of the proxies before us: they alone are believed about who called. */
  readonly trustedProxies?: readonly string[];
  /** Published keys by their URL, as far as they are known; see `remoteKeys`. */
  readonly keys?: ReadonlyMap<string, string>;
};

/**
 * Says whether a request comes from who holds one of the secrets. Everything that can't be read
 * strictly counts as not authentic. A promise comes back only where a JSON Web Token is checked.
 * @param secrets live at the same time, the newest first; only the first eight count.
 */
export function verify(
  scheme: Scheme,
  request: WebhookRequest,
  secrets: readonly string[],
  nowMs: number,
  around: Surroundings = {},
): Verdict | Promise<Verdict> {
  const live = secrets.slice(0, LIMITS.maxSecrets);
  if (live.length === 0) return { ok: false, reason: "secret_missing" };
  return verifyCheck(scheme.check, request, live, nowMs, around);
}

function verifyCheck(
  check: Check,
  request: WebhookRequest,
  secrets: readonly string[],
  nowMs: number,
  around: Surroundings,
): Verdict | Promise<Verdict> {
  switch (check.type) {
    case "signature":
      return verifySignature(check, request, secrets, nowMs, around.keys);
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
        : bestOf(verdicts as Verdict[]);
    }
    case "none":
      return { ok: false, reason: "credential_missing" };
  }
}

/** The first that is good; else what was wrong with what was there, before what was not there at all. */
function bestOf(verdicts: readonly Verdict[]): Verdict {
  const good = verdicts.find(({ ok }) => ok);
  const wrong = verdicts.find((verdict) => !verdict.ok && !verdict.reason.endsWith("_missing"));
  return good ?? wrong ?? verdicts[0] ?? { ok: false, reason: "credential_missing" };
}
