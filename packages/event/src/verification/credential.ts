import { decode } from "../signature/encoding.ts";
import { jsonValues } from "../body/json-values.ts";
import { isRepeated, onlyHeader, receivedQuery, type WebhookRequest } from "../request.ts";
import { isSame } from "./same.ts";
import { expandOrganizationId, readOutboundMessage } from "../body/outbound-message.ts";
import type { BasicCheck, BearerCheck, TokenCheck } from "../scheme.ts";
import type { VerifyResult, VerifyReason } from "./verdict.ts";

/** Checks a credential that the caller sends along. Such a credential proves the caller, not the body. */
export function verifyCredential(
  check: TokenCheck | BasicCheck | BearerCheck,
  request: WebhookRequest,
  secrets: readonly string[],
): VerifyResult {
  const credentials = readCredentials(check, request);
  if (!Array.isArray(credentials)) return { ok: false, reason: credentials };
  let secretIndex = -1;
  const isOrganization = check.type === "token" && check.from.startsWith("xml:");
  for (const [index, written] of secrets.entries()) {
    const secret = isOrganization ? expandOrganizationId(written) : written;
    const matches = credentials.map((credential) => isSame(credential, secret));
    if (secret !== "" && matches.every(Boolean) && secretIndex < 0) secretIndex = index;
  }
  return secretIndex < 0 ? { ok: false, reason: "credential_wrong" } : { ok: true, secretIndex };
}

/** The request's credentials, all of which must be the secret: a batch carries one token for each element. Never empty. */
function readCredentials(
  check: TokenCheck | BasicCheck | BearerCheck,
  request: WebhookRequest,
): string[] | VerifyReason {
  if (check.type === "token") return readToken(check.from, request);
  if (isRepeated(request, "authorization")) return "header_repeated";
  const match = /^([A-Za-z]+) +([^ ]+)$/.exec(onlyHeader(request, "authorization") ?? "");
  const [, scheme = "", value = ""] = match ?? [];
  if (scheme.toLowerCase() !== check.type) return "credential_missing";
  if (check.type === "bearer") return [value];
  const decoded = decode(value, "base64");
  return decoded === undefined ? "credential_wrong" : [decoded.toString("utf8")];
}

function readToken(from: string, request: WebhookRequest): string[] | VerifyReason {
  const colon = from.indexOf(":");
  const [place, name] = [from.slice(0, colon), from.slice(colon + 1)];
  switch (place) {
    case "header": {
      if (isRepeated(request, name)) return "header_repeated";
      const value = onlyHeader(request, name);
      return value === undefined ? "credential_missing" : [value];
    }
    case "query": {
      const values = new URLSearchParams(receivedQuery(request)).getAll(name);
      return values.length === 1 ? values : "credential_missing";
    }
    case "json": {
      const values = jsonValues(request.body, name);
      return values.length > 0 ? values : "credential_missing";
    }
    case "xml":
      return organizationOf(request.body);
    default:
      return "credential_missing";
  }
}

function organizationOf(body: Uint8Array): string[] | VerifyReason {
  try {
    return [expandOrganizationId(readOutboundMessage(body).organizationId)];
  } catch {
    return "credential_missing";
  }
}
