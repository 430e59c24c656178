import type { Check, MtlsHeaderCheck } from "../scheme.ts";
import type { Guide, SenderRow } from "../sender.ts";
import { GENERIC_SAMPLE, ORDINARY_EVENT, ORDINARY_LIMITS } from "./ordinary.ts";

const SHAPE_NOTES = [
  "Give each event an id, the same on every attempt: the header `x-sluice-event-id` or the member `event_id`.",
  "Nothing is signed, so whoever can change the traffic can change the events: prefer `generic-hmac` where the sender can compute one.",
];

function generic(name: string, title: string, check: Check, guide: Omit<Guide, "notes">): SenderRow {
  return {
    name,
    title,
    check,
    event: ORDINARY_EVENT,
    limits: { ...ORDINARY_LIMITS, methods: ["POST", "PUT", "PATCH"] },
    guide: { ...guide, notes: SHAPE_NOTES },
    sample: GENERIC_SAMPLE,
  };
}

const CALL = "In the sender, call {url} with POST and a JSON body whenever a record changes.";

export const genericBasic = generic(
  "generic-basic",
  "Basic authentication",
  { type: "basic" },
  {
    sources: ["https://www.rfc-editor.org/rfc/rfc7617"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
    surprises: ["A password with a colon is fine, a user with one is not: the first colon parts them."],
    steps: [CALL, "Use basic authentication with {secret}."],
    secret: "`user:password`, long and random.",
  },
);

export const genericBearer = generic(
  "generic-bearer",
  "Bearer token",
  { type: "bearer" },
  {
    sources: ["https://www.rfc-editor.org/rfc/rfc6750"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
    surprises: ["Whoever reads one request can send any other: the token proves the caller alone."],
    steps: [CALL, "Send the header `Authorization: Bearer {secret}`."],
    secret: "The token, long and random.",
  },
);

export const genericApiKeyHeader = generic(
  "generic-api-key-header",
  "API key in a header",
  { type: "token", from: "header:x-api-key" },
  {
    sources: ["https://spec.openapis.org/oas/v3.1.0#security-scheme-object"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
    surprises: ["Whoever reads one request can send any other: the key proves the caller alone."],
    steps: [CALL, "Send the header `X-API-Key: {secret}`."],
    secret: "The key, long and random.",
  },
);

export const genericApiKeyQuery = generic(
  "generic-api-key-query",
  "API key in the query",
  { type: "token", from: "query:api_key" },
  {
    sources: ["https://spec.openapis.org/oas/v3.1.0#security-scheme-object"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
    surprises: ["URLs stand in the logs of proxies, and with them the key."],
    steps: [CALL, "Add `?api_key={secret}` to the URL. Keep URLs out of the logs of your proxies."],
    secret: "The key, long and random.",
  },
);

export const genericIpAllowList = generic(
  "generic-ip-allow-list",
  "List of addresses",
  { type: "ip" },
  {
    sources: ["https://www.rfc-editor.org/rfc/rfc4632"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
    surprises: ["Behind a proxy everybody has the proxy's address, unless `trusted_proxies` names it."],
    steps: [CALL, "Behind a proxy list its addresses under `trusted_proxies`: it alone is believed about who called."],
    secret: "Addresses and CIDR ranges with commas between, IPv4 or IPv6. It is a list rather than a secret.",
  },
);

/** The headers of a proxy about a client's certificate, as nginx and its kin are usually configured. */
export const CLIENT_CERTIFICATE: MtlsHeaderCheck = {
  type: "mtls-header",
  verifyHeader: "x-client-verify",
  verifyValue: "SUCCESS",
  fingerprintHeader: "x-client-fingerprint",
  trustedProxies: ["127.0.0.0/8", "::1"],
};

export const genericMtlsHeader = generic(
  "generic-mtls-header",
  "Client certificate, checked by a proxy",
  CLIENT_CERTIFICATE,
  {
    sources: ["https://www.rfc-editor.org/rfc/rfc9440"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
    surprises: ["The proxy must remove what a client sends under the headers' names."],
    steps: [
      CALL,
      "Let your proxy ask for client certificates and set `X-Client-Verify` and `X-Client-Fingerprint`, removing what a client sends under these names.",
      "List the proxy's addresses under `trusted_proxies`; without it only a proxy on the same machine is believed.",
    ],
    secret: "The fingerprint of the client's certificate; case and colons do not matter.",
  },
);

export const genericJwt = generic(
  "generic-jwt",
  "JSON Web Token (HS256)",
  { type: "jwt", alg: "HS256", header: "authorization", scheme: "Bearer", skewSec: 60 },
  {
    sources: ["https://www.rfc-editor.org/rfc/rfc7519"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
    surprises: ["The algorithm of the token's own header counts for nothing: only HS256 is taken."],
    steps: [CALL, "Send the header `Authorization: Bearer` with a token signed with HS256 and {secret}, with `exp`."],
    secret: "The key, at least 32 random characters.",
  },
);

export const genericJwtJwks = generic(
  "generic-jwt-jwks",
  "JSON Web Token (RS256, key set)",
  {
    type: "jwt",
    alg: "RS256",
    header: "authorization",
    scheme: "Bearer",
    jwks: true,
    iss: "https://issuer.example",
    aud: "sluice",
    skewSec: 60,
    bodyDigestClaim: "body_sha256",
  },
  {
    sources: ["https://www.rfc-editor.org/rfc/rfc7517"],
    order:
      "Your own script or recipe: no vendor promises anything of it, so write a time that grows with each change of the record.",
    surprises: ["Without `bodyDigestClaim` a token says nothing of the body."],
    steps: [
      CALL,
      "Write the scheme out with your own `iss`, `aud` and `alg`: `scheme: { type: jwt, alg: RS256, jwks: true, iss: …, aud: … }`.",
      "With `bodyDigestClaim: body_sha256` the token must hold the body's SHA-256, base64url, and then the body is covered.",
    ],
    secret: "The key set as JSON, or its https URL; it is fetched at start and kept fresh.",
  },
);
