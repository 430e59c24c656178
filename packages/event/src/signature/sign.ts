import { createHash, createHmac } from "node:crypto";
import { withEach } from "../body/json-values.ts";
import { byPrivateKey } from "./proof.ts";
import type { Check, JwtCheck, Scheme, SignatureCheck } from "../scheme.ts";
import { signMembers } from "./sign-members.ts";
import { expectedDigest, holdsTime } from "./signature.ts";
import { signedContent } from "./signed-content.ts";
import { writeInstant } from "../time.ts";
import type { Json } from "../event.ts";
import { receivedQuery, type WebhookRequest } from "../request.ts";

/** The scheme can't be signed with here: its sender alone has the key, or the credential is no header. */
export class UnsignableError extends Error {
  override readonly name = "UnsignableError";
  readonly code = "scheme_unsignable";
  readonly hint: string;

  constructor(scheme: Scheme, message: string, hint: string) {
    super(`a request of scheme "${scheme.name}" can't be signed: ${message}`);
    this.hint = hint;
  }
}

/**
 * The headers that make a request authentic, as its sender would send them at `nowMs`: for samples,
 * for trying a source out and for tests. They come on top of the headers that the request has. Where the
 * credential is no header, `signRequest` puts it in its place.
 * @param secret the sender's; for a scheme with public keys the private key, as PEM
 * @throws UnsignableError
 */
export function sign(
  scheme: Scheme,
  request: WebhookRequest,
  secret: string,
  nowMs: number,
): { readonly [name: string]: string } {
  return headersOf(scheme, scheme.check, request, secret, nowMs);
}

function headersOf(
  scheme: Scheme,
  check: Check,
  request: WebhookRequest,
  secret: string,
  nowMs: number,
): { readonly [name: string]: string } {
  switch (check.type) {
    case "signature":
      return signatureHeaders(scheme, check, request, secret, nowMs);
    case "basic":
      return { authorization: `Basic ${Buffer.from(secret, "utf8").toString("base64")}` };
    case "bearer":
      return { authorization: `Bearer ${secret}` };
    case "token":
      if (check.from.startsWith("header:")) return { [check.from.slice("header:".length)]: secret };
      throw new UnsignableError(scheme, `its token stands at ${check.from}`, "Put the secret there.");
    case "jwt":
      return { [check.header]: `${check.scheme} ${webToken(scheme, check, request, secret, nowMs)}`.trimStart() };
    case "mtls-header":
      return { [check.verifyHeader]: check.verifyValue, [check.fingerprintHeader]: secret };
    case "any":
      return headersOf(scheme, check.of[0] ?? { type: "none" }, request, secret, nowMs);
    case "ip":
      throw new UnsignableError(scheme, "its proof is where it is sent from", "Send it from an allowed address.");
    case "members":
      throw new UnsignableError(scheme, "its signature stands in the body", "Sign the whole request.");
    case "none":
      throw new UnsignableError(scheme, "it only answers a handshake", "Use the sender's own scheme.");
  }
}

/**
 * The request with all that makes it authentic, wherever the scheme's credential stands: a header, the
 * query, the body.
 * @throws UnsignableError
 */
export function signRequest(scheme: Scheme, request: WebhookRequest, secret: string, nowMs: number): WebhookRequest {
  const { check } = scheme;
  const from = check.type === "token" ? check.from : "";
  const name = from.slice(from.indexOf(":") + 1);
  if (from.startsWith("query:")) {
    const query = new URLSearchParams(receivedQuery(request));
    query.set(name, secret);
    const [base = ""] = request.url.split("?");
    return { ...request, url: `${base}?${query.toString()}`, query: query.toString() };
  }
  if (from.startsWith("json:")) {
    const written = JSON.parse(Buffer.from(request.body).toString("utf8")) as Json;
    const body = withEach(written, name, () => secret);
    return { ...request, body: Buffer.from(JSON.stringify(body)) };
  }
  if (from.startsWith("xml:")) {
    const text = Buffer.from(request.body).toString("utf8");
    const element = new RegExp(`(<${name}>)[^<]*(</${name}>)`);
    return { ...request, body: Buffer.from(text.replace(element, (_, start, end) => `${start}${secret}${end}`)) };
  }
  if (check.type === "members") {
    const body = signMembers(check, request.body, secret, nowMs);
    if (body !== undefined) return { ...request, body };
    throw check.key === "pem-bundle"
      ? new UnsignableError(scheme, "its messages are signed with a private key", "Let the sender send one.")
      : new UnsignableError(scheme, "secret or body give nothing to sign", "Check the form of both.");
  }
  return withHeaders(request, sign(scheme, request, secret, nowMs));
}

const TOKEN_LIFETIME_SECONDS = 300;

function webToken(scheme: Scheme, check: JwtCheck, request: WebhookRequest, secret: string, nowMs: number): string {
  const bits = /^HS(256|384|512)$/.exec(check.alg)?.[1];
  if (bits === undefined) {
    throw new UnsignableError(scheme, "its tokens are signed with a private key", "Let the issuer make one.");
  }
  const iat = Math.floor(nowMs / 1_000);
  const claims = {
    ...(check.iss === undefined ? {} : { iss: check.iss }),
    ...(check.aud === undefined ? {} : { aud: check.aud.replaceAll("{url}", () => request.url) }),
    ...(check.bodyDigestClaim === undefined
      ? {}
      : { [check.bodyDigestClaim]: createHash("sha256").update(request.body).digest("base64url") }),
    iat,
    exp: iat + TOKEN_LIFETIME_SECONDS,
  };
  const signed = [{ alg: check.alg, typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${createHmac(`sha${bits}`, secret).update(signed).digest("base64url")}`;
}

function signatureHeaders(
  scheme: Scheme,
  check: SignatureCheck,
  request: WebhookRequest,
  secret: string,
  nowMs: number,
): { readonly [name: string]: string } {
  const timestamp = check.ts === undefined ? "" : writeInstant(nowMs, check.ts.unit);
  const timestampHeader =
    check.ts === undefined || check.ts.kvField !== undefined || holdsTime(check.sig, check.ts)
      ? {}
      : { [check.ts.header]: timestamp };
  const stamped = withHeaders(request, timestampHeader);
  const missing = (check.required ?? []).filter((name) => stamped.headers.get(name)?.length !== 1);
  if (missing.length > 0) {
    throw new UnsignableError(scheme, `it needs one header ${missing.join(", ")}`, "Give the request that header.");
  }
  const digest =
    check.alg === "rsa-sha256" || check.alg === "ed25519"
      ? privateSignature(check, stamped, timestamp, secret)
      : expectedDigest(check, stamped, timestamp, secret);
  if (digest === undefined) {
    throw new UnsignableError(scheme, "the secret gives no key to sign with", "Check the secret's form.");
  }
  const header = check.sig.headers[0] as string;
  return {
    ...timestampHeader,
    [header]: writeSignature(check, digest.toString(check.sig.encoding), timestamp),
  };
}

/** The signature by a private key; undefined where the secret is none in PEM: a public key only verifies. */
function privateSignature(
  check: SignatureCheck,
  request: WebhookRequest,
  timestamp: string,
  secret: string,
): Buffer | undefined {
  const content = signedContent(check.content, request, timestamp, "");
  return content && byPrivateKey(check.alg, content, secret);
}

function writeSignature({ sig, ts }: SignatureCheck, signature: string, timestamp: string): string {
  switch (sig.format) {
    case "plain":
      return signature;
    case "prefix":
      return `${sig.prefix}${signature}`;
    case "list":
      return `${holdsTime(sig, ts) ? `${timestamp}${sig.separator ?? ","}` : ""}${sig.prefix ?? ""}${signature}`;
    case "versioned":
      return `${sig.version},${signature}`;
    case "kv":
      return `${ts?.kvField === undefined ? "" : `${ts.kvField}=${timestamp}${sig.separator ?? ","}`}${sig.field}=${signature}`;
  }
}

function withHeaders(request: WebhookRequest, added: { readonly [name: string]: string }): WebhookRequest {
  const values = Object.entries(added).map(([name, value]) => [name, [value]] as const);
  return { ...request, headers: new Map([...request.headers, ...values]) };
}
