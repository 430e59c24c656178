import type { Event } from "./event.ts";
import type { WebhookRequest } from "./request.ts";
import type { Check } from "./scheme.ts";

/** Named so that what carries a credential is left out even where the scheme doesn't speak of it. */
const CREDENTIAL = /(?:^|-)(?:authorization|cookie|signature|hmac|mac|token|secret|password|api-?key)(?:-|$)/;

/** The headers that mappings may see: without those that carry a credential or a signature. */
export function mappingHeaders(check: Check, request: WebhookRequest): Event["headers"] {
  const isHidden = new Set(credentialHeaders(check));
  // `fromEntries` defines members and never calls a setter, so a header "__proto__" is only a name.
  return Object.fromEntries(
    [...request.headers]
      .filter(([name]) => !isHidden.has(name) && !CREDENTIAL.test(name))
      .map(([name, values]) => [name, values.join(", ")]),
  );
}

function credentialHeaders(check: Check): readonly string[] {
  switch (check.type) {
    case "signature":
      return check.sig.headers;
    case "token":
      return check.from.startsWith("header:") ? [check.from.slice("header:".length)] : [];
    case "jwt":
      return [check.header];
    case "mtls-header":
      return [check.verifyHeader, check.fingerprintHeader];
    case "any":
      return check.of.flatMap(credentialHeaders);
    case "basic":
    case "bearer":
    case "ip":
    case "none":
      return [];
  }
}
