import { decode } from "./encoding.ts";
import { jsonValues } from "../body/json-values.ts";
import { readSecretKey } from "./key.ts";
import { LIMITS } from "../limits.ts";
import { digestOf, proves } from "./proof.ts";
import { isRepeated, onlyHeader, type WebhookRequest } from "../request.ts";
import type { RemoteKeys, SignatureCheck } from "../scheme.ts";
import { signedContent } from "./signed-content.ts";
import { faultOfTime } from "./timestamp.ts";
import type { VerifyResult, VerifyReason } from "../verification/verdict.ts";

/** Checks a signed request. Every secret is tried on every request, in constant time. */
export function verifySignature(
  check: SignatureCheck,
  request: WebhookRequest,
  secrets: readonly string[],
  nowMs: number,
  keys: ReadonlyMap<string, string> = new Map(),
): VerifyResult {
  const { stronger } = check;
  if (stronger?.sig.headers.some((name) => request.headers.has(name)) === true) {
    return verifySignature(stronger, request, secrets, nowMs, keys);
  }
  const headersFault = faultOfHeaders(check, request);
  if (headersFault !== undefined) return { ok: false, reason: headersFault };

  const timestamp = check.ts === undefined ? "" : readTimestamp(check.ts, request, check.sig);
  if (timestamp === undefined) return { ok: false, reason: "timestamp_missing" };
  if (check.ts !== undefined) {
    const fault = faultOfTime(check.ts, timestamp, nowMs);
    if (fault !== undefined) return { ok: false, reason: fault };
  }

  const signatures = readSignatures(check, request);
  if (!Array.isArray(signatures)) return { ok: false, reason: signatures };

  let secretIndex = -1;
  let fault: VerifyReason = "signature_wrong";
  for (const [index, secret] of secrets.entries()) {
    const material = keyMaterial(check, request, secret, keys);
    if (typeof material !== "string") {
      fault = material.fault;
      continue;
    }
    const matches = matchesAny(check, request, timestamp, material, signatures);
    if (matches && secretIndex < 0) secretIndex = index;
  }
  return secretIndex < 0 ? { ok: false, reason: fault } : { ok: true, secretIndex };
}

/** The URLs of published keys that a request names and a secret does not bring along. */
export function remoteKeysOf(check: SignatureCheck, request: WebhookRequest, secrets: readonly string[]): string[] {
  const { remote } = check;
  if (remote === undefined || secrets.every((secret) => readSecretKey(check, secret) !== undefined)) return [];
  // A request makes us fetch keys only if it knows their recipient.
  const [recipient, ...others] = new Set(jsonValues(request.body, remote.recipient));
  const isOurs = recipient !== undefined && others.length === 0 && secrets.includes(recipient);
  return isOurs ? keyUrls(remote, request) : [];
}

function keyUrls({ host, pathHeaders, pathPattern }: RemoteKeys, request: WebhookRequest): string[] {
  const pattern = new RegExp(`^(?:${pathPattern})$`);
  return pathHeaders
    .map((name) => onlyHeader(request, name))
    .filter((path) => path !== undefined && pattern.test(path))
    .map((path) => `https://${host}${path}`);
}

/** The secret itself, or the published keys that a request for this recipient was signed with. */
function keyMaterial(
  check: SignatureCheck,
  request: WebhookRequest,
  secret: string,
  keys: ReadonlyMap<string, string>,
): string | { readonly fault: VerifyReason } {
  const { remote } = check;
  if (remote === undefined || readSecretKey(check, secret) !== undefined) return secret;
  const recipients = jsonValues(request.body, remote.recipient);
  if (recipients.length === 0 || recipients.some((recipient) => recipient !== secret)) {
    return { fault: "recipient_wrong" };
  }
  const known = keyUrls(remote, request).flatMap((url) => keys.get(url) ?? []);
  return known.length === 0 ? { fault: "key_unavailable" } : known.join("\n");
}

/** The digest that a MAC scheme expects; undefined for schemes that sign with a private key. */
export function expectedDigest(
  check: SignatureCheck,
  request: WebhookRequest,
  timestamp: string,
  secret: string,
): Buffer | undefined {
  const key = readSecretKey(check, secret);
  const content = signedContent(check.content, request, timestamp, secret);
  if (key?.kind !== "secret" || content === undefined) return undefined;
  return digestOf(check.alg, key.key, content);
}

/** The members of a `kv` header, `t=1,v1=ab,v1=cd`, in order; a value without a key, `t=1,v0=ab,cd`, is another value of the key before it. */
function keyValues(header: string, separator = ","): [key: string, value: string][] {
  let key = "";
  return header.split(separator).map((member) => {
    // An equals sign at the end of base64 is padding.
    const equals = member.search(/=(?=[^=])/);
    if (equals >= 0) key = member.slice(0, equals).trim();
    return [key, member.slice(equals + 1).trim()];
  });
}

function faultOfHeaders(check: SignatureCheck, request: WebhookRequest): VerifyReason | undefined {
  const { sig, ts, required = [], remote } = check;
  // A proxy and this process could each believe another one of repeated headers. In a list another line is as good as a comma.
  const isDoubtful = (name: string): boolean =>
    isRepeated(request, name) && !(sig.format === "list" && sig.headers.includes(name) && ts?.header !== name);
  if (
    sig.headers.some(isDoubtful) ||
    (ts !== undefined && isDoubtful(ts.header)) ||
    required.some(isDoubtful) ||
    remote?.pathHeaders.some(isDoubtful) === true
  ) {
    return "header_repeated";
  }
  if (required.some((name) => onlyHeader(request, name) === undefined)) return "header_missing";
  if (sig.headers.every((name) => (request.headers.get(name) ?? []).every((value) => value === ""))) {
    return "signature_missing";
  }
  return undefined;
}

type TimestampRule = NonNullable<SignatureCheck["ts"]>;

function readTimestamp(rule: TimestampRule, request: WebhookRequest, sig: SignatureCheck["sig"]): string | undefined {
  const value = onlyHeader(request, rule.header);
  if (value !== undefined && holdsTime(sig, rule)) return listOf(value, sig)[0];
  if (value === undefined || rule.kvField === undefined) return value;
  const times = keyValues(value, sig.separator).filter(([key]) => key === rule.kvField);
  return times.length === 1 ? times[0]?.[1] : undefined;
}

/** Whether the first entry of a list is the time: both stand in one header. */
export function holdsTime({ format, headers }: SignatureCheck["sig"], rule: TimestampRule | undefined): boolean {
  return format === "list" && rule !== undefined && headers.includes(rule.header);
}

function listOf(header: string, { separator = "," }: SignatureCheck["sig"]): string[] {
  return header.split(separator).map((member) => member.trim());
}

function readSignatures(check: SignatureCheck, request: WebhookRequest): Buffer[] | VerifyReason {
  const { headers, encoding } = check.sig;
  const texts: string[] = [];
  for (const name of headers)
    for (const value of request.headers.get(name) ?? []) texts.push(...signatureTexts(check, value));
  if (texts.length > LIMITS.maxSignatures) return "signature_too_many";
  const signatures = texts.map((text) => decode(text, encoding)).filter((bytes) => bytes !== undefined);
  return signatures.length > 0 ? signatures : "signature_unreadable";
}

function signatureTexts(check: SignatureCheck, value: string): string[] {
  const { sig } = check;
  switch (sig.format) {
    case "plain":
      return [value];
    case "prefix":
      return value.startsWith(sig.prefix ?? "") ? [value.slice((sig.prefix ?? "").length)] : [];
    case "kv":
      return keyValues(value, sig.separator)
        .filter(([key]) => key === sig.field)
        .map(([, text]) => text);
    case "list": {
      const { prefix = "" } = sig;
      const members = listOf(value, sig).slice(holdsTime(sig, check.ts) ? 1 : 0);
      return members.filter((text) => text.startsWith(prefix)).map((text) => text.slice(prefix.length));
    }
    case "versioned":
      return value
        .split(" ")
        .filter((entry) => entry.startsWith(`${sig.version},`))
        .map((entry) => entry.slice(`${sig.version},`.length));
  }
}

function matchesAny(
  check: SignatureCheck,
  request: WebhookRequest,
  timestamp: string,
  secret: string,
  signatures: readonly Buffer[],
): boolean {
  const key = readSecretKey(check, secret);
  const content = signedContent(check.content, request, timestamp, secret);
  if (key === undefined || content === undefined) return false;
  return proves(check.alg, key, content, signatures);
}
