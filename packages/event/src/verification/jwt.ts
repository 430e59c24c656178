import { createHash } from "node:crypto";
import type { JSONWebKeySet, JWTPayload, JWTVerifyOptions } from "jose";
import { isRepeated, onlyHeader, type WebhookRequest } from "../request.ts";
import { isSame } from "./same.ts";
import type { JwtCheck } from "../scheme.ts";
import type { VerifyResult, VerifyReason } from "./verdict.ts";

/** The library is loaded with the first token: most processes, and most sources, never see one. */
let library: Promise<typeof import("jose")> | undefined;
const jose = async (): Promise<typeof import("jose")> => await (library ??= import("jose"));

/** Checks a JSON Web Token: its signature with the scheme's one algorithm, its claims, and the body's digest. */
export async function verifyJwt(
  check: JwtCheck,
  request: WebhookRequest,
  secrets: readonly string[],
  nowMs: number,
  keys: ReadonlyMap<string, string> = new Map(),
): Promise<VerifyResult> {
  if (isRepeated(request, check.header)) return { ok: false, reason: "header_repeated" };
  const token = readToken(onlyHeader(request, check.header) ?? "", check.scheme);
  if (token === undefined) return { ok: false, reason: "credential_missing" };
  let reason: VerifyReason = "token_wrong";
  for (const [secretIndex, secret] of secrets.entries()) {
    const material = isKeySetUrl(check, secret) ? keys.get(secret) : secret;
    const fault =
      material === undefined ? "key_unavailable" : await faultOf(check, request, token, { material, secret }, nowMs);
    if (fault === undefined) return { ok: true, secretIndex };
    if (fault !== "token_wrong") reason = fault;
  }
  return { ok: false, reason };
}

/** Whether the secret is the address of a key set, which the caller of `verify` has fetched. */
export function isKeySetUrl(check: JwtCheck, secret: string): boolean {
  return check.jwks === true && secret.startsWith("https://");
}

/** The audience that the address of a key set names behind `#`, where one set signs for everybody. */
export function audienceOf(secret: string): string | undefined {
  const [, fragment = ""] = /^https:\/\/[^#]+#(.+)$/.exec(secret) ?? [];
  return fragment === "" ? undefined : fragment;
}

/** The key set that a text holds; undefined for anything else. */
export function readKeySet(text: string): JSONWebKeySet | undefined {
  try {
    const value = JSON.parse(text) as Partial<JSONWebKeySet> | null;
    return Array.isArray(value?.keys) && value.keys.length > 0 ? (value as JSONWebKeySet) : undefined;
  } catch {
    return undefined;
  }
}

function readToken(header: string, scheme: string): string | undefined {
  if (scheme === "") return header === "" || header.includes(" ") ? undefined : header;
  const [, given = "", token] = /^([A-Za-z]+) +([^ ]+)$/.exec(header) ?? [];
  return given.toLowerCase() === scheme.toLowerCase() ? token : undefined;
}

async function faultOf(
  check: JwtCheck,
  request: WebhookRequest,
  token: string,
  { material, secret }: { readonly material: string; readonly secret: string },
  nowMs: number,
): Promise<VerifyReason | undefined> {
  const fragment = audienceOf(secret);
  if (fragment === undefined && check.aud?.includes("{fragment}") === true) return "token_wrong";
  const audience = check.aud?.replaceAll("{url}", () => request.url).replaceAll("{fragment}", () => fragment ?? "");
  const options: JWTVerifyOptions = {
    // The algorithm is pinned: a token that names another, or none, is not even tried.
    algorithms: [check.alg],
    // Without an end a token that leaks once opens the door for good.
    requiredClaims: ["exp"],
    clockTolerance: check.skewSec ?? 0,
    currentDate: new Date(nowMs),
    ...(check.iss === undefined ? {} : { issuer: check.iss }),
    ...(audience === undefined ? {} : { audience }),
  };
  try {
    const { payload, protectedHeader } = await verified(check, token, material, options);
    const typ = protectedHeader.typ?.toLowerCase().replace(/^application\//, "");
    if (typ !== undefined && typ !== "jwt" && typ !== "at+jwt") return "token_wrong";
    return coversBody(check, request, payload) ? undefined : "signature_wrong";
  } catch (error) {
    const { errors } = await jose();
    return error instanceof errors.JWTExpired ? "token_expired" : "token_wrong";
  }
}

async function verified(check: JwtCheck, token: string, material: string, options: JWTVerifyOptions) {
  const { errors, jwtVerify } = await jose();
  if (check.jwks === true) {
    const set = readKeySet(material);
    if (set === undefined) throw new errors.JWKSInvalid();
    return verifiedByOneOf(set, token, options);
  }
  // An empty key would make every token one that anybody can sign.
  if (material === "") throw new errors.JWTInvalid();
  return jwtVerify(token, new TextEncoder().encode(material), options);
}

/** Tries all keys of a set: a token that names no key may be of any, and an issuer that rotates publishes two. */
async function verifiedByOneOf(set: JSONWebKeySet, token: string, options: JWTVerifyOptions) {
  const { createLocalJWKSet, errors, jwtVerify } = await jose();
  try {
    return await jwtVerify(token, createLocalJWKSet(set), options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const verifiedByKey = await jwtVerify(token, key, options).catch((fault: unknown) => {
        if (!(fault instanceof errors.JWSSignatureVerificationFailed)) throw fault;
      });
      if (verifiedByKey !== undefined) return verifiedByKey;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function coversBody({ bodyDigestClaim }: JwtCheck, request: WebhookRequest, payload: JWTPayload): boolean {
  if (bodyDigestClaim === undefined) return true;
  const claimed = Object.hasOwn(payload, bodyDigestClaim) ? payload[bodyDigestClaim] : undefined;
  const digest = createHash("sha256").update(request.body).digest("base64url");
  return typeof claimed === "string" && isSame(claimed, digest);
}
