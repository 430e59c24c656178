import type { Encoding, Scheme, SignatureCheck, TimestampUnit } from "./scheme.ts";
import { expectedDigest } from "./signature.ts";
import type { WebhookRequest } from "./request.ts";

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
 * for trying a source out and for tests. They come on top of the headers that the request has.
 * @throws UnsignableError
 */
export function sign(
  scheme: Scheme,
  request: WebhookRequest,
  secret: string,
  nowMs: number,
): { readonly [name: string]: string } {
  const { check } = scheme;
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
  }
}

function signatureHeaders(
  scheme: Scheme,
  check: SignatureCheck,
  request: WebhookRequest,
  secret: string,
  nowMs: number,
): { readonly [name: string]: string } {
  const timestamp = check.ts === undefined ? "" : writeTimestamp(nowMs, check.ts.unit);
  const timestampHeader =
    check.ts === undefined || check.ts.kvField !== undefined ? {} : { [check.ts.header]: timestamp };
  const stamped = withHeaders(request, timestampHeader);
  const missing = (check.required ?? []).filter((name) => stamped.headers.get(name)?.length !== 1);
  if (missing.length > 0) {
    throw new UnsignableError(scheme, `it needs one header ${missing.join(", ")}`, "Give the request that header.");
  }
  const digest = expectedDigest(check, stamped, timestamp, secret);
  if (digest === undefined) {
    throw new UnsignableError(scheme, "the secret gives no key to sign with", "Check the secret's form.");
  }
  const header = check.sig.headers[0] as string;
  return {
    ...timestampHeader,
    [header]: writeSignature(check, digest.toString(check.sig.encoding satisfies Encoding), timestamp),
  };
}

function writeTimestamp(nowMs: number, unit: TimestampUnit): string {
  switch (unit) {
    case "s":
      return String(Math.floor(nowMs / 1_000));
    case "ms":
      return String(Math.floor(nowMs));
    case "iso8601":
      return new Date(nowMs).toISOString();
  }
}

function writeSignature({ sig, ts }: SignatureCheck, signature: string, timestamp: string): string {
  switch (sig.format) {
    case "plain":
      return signature;
    case "prefix":
      return `${sig.prefix}${signature}`;
    case "versioned":
      return `${sig.version},${signature}`;
    case "kv":
      return `${ts?.kvField === undefined ? "" : `${ts.kvField}=${timestamp},`}${sig.field}=${signature}`;
  }
}

function withHeaders(request: WebhookRequest, added: { readonly [name: string]: string }): WebhookRequest {
  const values = Object.entries(added).map(([name, value]) => [name, [value]] as const);
  return { ...request, headers: new Map([...request.headers, ...values]) };
}
