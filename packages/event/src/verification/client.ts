import { isWithin, readAddress, readRange, readRanges } from "./address.ts";
import { isSame } from "./same.ts";
import { isRepeated, onlyHeader, type WebhookRequest } from "../request.ts";
import type { MtlsHeaderCheck } from "../scheme.ts";
import type { VerifyResult } from "./verdict.ts";

/** Checks the client's address; each secret is a list of addresses and ranges. */
export function verifyAddress(
  request: WebhookRequest,
  secrets: readonly string[],
  trustedProxies: readonly string[],
): VerifyResult {
  const client = clientAddress(request, trustedProxies);
  if (client === undefined) return { ok: false, reason: "address_unknown" };
  const secretIndex = secrets.findIndex((secret) => readRanges(secret)?.some((range) => isWithin(client, range)));
  return secretIndex < 0 ? { ok: false, reason: "address_wrong" } : { ok: true, secretIndex };
}

/** Checks a trusted proxy's headers about the client's certificate; each secret is a fingerprint. */
export function verifyMtlsHeader(
  check: MtlsHeaderCheck,
  request: WebhookRequest,
  secrets: readonly string[],
  trustedProxies: readonly string[],
): VerifyResult {
  const peer = peerAddress(request);
  // Anybody can send such headers; they count only from a proxy that is known to set or to remove them.
  if (peer === undefined || !isTrusted(peer, trustedProxies)) return { ok: false, reason: "proxy_untrusted" };
  const { verifyHeader, fingerprintHeader } = check;
  if (isRepeated(request, verifyHeader) || isRepeated(request, fingerprintHeader)) {
    return { ok: false, reason: "header_repeated" };
  }
  const given = readFingerprint(onlyHeader(request, fingerprintHeader) ?? "");
  if (onlyHeader(request, verifyHeader) !== check.verifyValue || given === undefined) {
    return { ok: false, reason: "credential_missing" };
  }
  const secretIndex = secrets.findIndex((secret) => {
    const expected = readFingerprint(secret);
    return expected !== undefined && isSame(given, expected);
  });
  return secretIndex < 0 ? { ok: false, reason: "credential_wrong" } : { ok: true, secretIndex };
}

export function isFingerprint(text: string): boolean {
  return readFingerprint(text) !== undefined;
}

/** A fingerprint's digits in lower case without colons; undefined for any other text. */
export function readFingerprint(text: string): string | undefined {
  const digits = text.replaceAll(":", "").toLowerCase();
  return /^(?:[0-9a-f]{2})+$/.test(digits) ? digits : undefined;
}

/**
 * The nearest address that is not a trusted proxy's. Each proxy adds the address that it saw at the end of
 * X-Forwarded-For; addresses to the left of the first stranger are only that stranger's words.
 */
export function clientAddress(request: WebhookRequest, trustedProxies: readonly string[]): bigint | undefined {
  const peer = peerAddress(request);
  if (peer === undefined || !isTrusted(peer, trustedProxies)) return peer;
  const forwarded = (request.headers.get("x-forwarded-for") ?? []).flatMap((value) => value.split(","));
  let client = peer;
  for (const text of forwarded.toReversed()) {
    const address = readAddress(withoutPort(text.trim()));
    if (address === undefined) return undefined;
    client = address;
    if (!isTrusted(address, trustedProxies)) break;
  }
  return client;
}

/** Whether a proxy at this address, as a socket spells it, is believed about its callers. */
export function isTrustedProxy(address: string | undefined, trustedProxies: readonly string[]): boolean {
  const read = address === undefined ? undefined : readAddress(address);
  return read !== undefined && isTrusted(read, trustedProxies);
}

function peerAddress(request: WebhookRequest): bigint | undefined {
  return request.remoteAddress === undefined ? undefined : readAddress(request.remoteAddress);
}

function isTrusted(address: bigint, trustedProxies: readonly string[]): boolean {
  return trustedProxies.some((text) => {
    const range = readRange(text);
    return range !== undefined && isWithin(address, range);
  });
}

/** An address without its port: some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  const match = /^(?:\[([^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text);
  return match === null ? text : (match[1] ?? match[2] ?? "");
}
