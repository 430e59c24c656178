import { createHash, timingSafeEqual } from "node:crypto";
import { decode } from "./encoding.ts";
import type { Json } from "./event.ts";
import { parseJson } from "./json.ts";
import { isRepeated, onlyHeader, type WebhookRequest } from "./request.ts";
import type { BasicCheck, BearerCheck, TokenCheck } from "./scheme.ts";
import type { Verdict, VerifyReason } from "./verdict.ts";

/** Checks a credential that the caller sends along. It proves the caller, not the body. */
export function verifyCredential(
  check: TokenCheck | BasicCheck | BearerCheck,
  request: WebhookRequest,
  secrets: readonly string[],
): Verdict {
  const credentials = readCredentials(check, request);
  if (!Array.isArray(credentials)) return { ok: false, reason: credentials };
  let secretIndex = -1;
  for (const [index, secret] of secrets.entries()) {
    const matches = credentials.map((credential) => isSame(credential, secret));
    if (secret !== "" && matches.every(Boolean) && secretIndex < 0) secretIndex = index;
  }
  return secretIndex < 0 ? { ok: false, reason: "credential_wrong" } : { ok: true, secretIndex };
}

/** All of them must be the secret: a batch carries one token for each element. Never empty. */
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
      const values = queryValues(request.url, name);
      return values.length === 1 ? values : "credential_missing";
    }
    case "json": {
      const values = jsonValues(request.body, name.split("."));
      return values.length > 0 ? values : "credential_missing";
    }
    default:
      return "credential_missing";
  }
}

function queryValues(url: string, name: string): string[] {
  const question = url.indexOf("?");
  return question < 0 ? [] : new URLSearchParams(url.slice(question + 1)).getAll(name);
}

/** The strings at a path in the body; none when any element lacks its own. */
function jsonValues(body: Uint8Array, path: readonly string[]): string[] {
  let values: Json[];
  try {
    values = [parseJson(body)];
  } catch {
    return [];
  }
  for (const step of path) {
    const isList = step.endsWith("[]");
    const member = isList ? step.slice(0, -2) : step;
    const found: Json[] = [];
    for (const value of values) {
      if (value === null || typeof value !== "object" || !Object.hasOwn(value, member)) return [];
      const next = (value as { readonly [member: string]: Json })[member] as Json;
      if (!isList) found.push(next);
      else if (Array.isArray(next)) found.push(...(next as Json[]));
      else return [];
    }
    values = found;
  }
  return values.every((value) => typeof value === "string") ? values : [];
}

/** Digests have one length, so the comparison takes as long for a near miss as for a far one. */
function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(hash(given), hash(secret));
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
