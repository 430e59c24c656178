import { decode } from "./encoding.ts";
import type { Json } from "../event.ts";
import { jsonParts } from "../body/json-values.ts";
import { isObject } from "../body/is-object.ts";
import { parseJson } from "../body/json.ts";
import { readSecretKey } from "./key.ts";
import { proves } from "./proof.ts";
import type { WebhookRequest } from "../request.ts";
import type { MemberAlgorithm, MembersCheck, MembersContent } from "../scheme.ts";
import { valueAt } from "../events/template.ts";
import { faultOfTime } from "./timestamp.ts";
import type { VerifyResult, VerifyReason } from "../verification/verdict.ts";

/** Checks a body whose members are signed. Every signed object must be authentic, and all of them by one secret. */
export function verifyMembers(
  check: MembersCheck,
  request: WebhookRequest,
  secrets: readonly string[],
  nowMs: number,
  keys: ReadonlyMap<string, string> = new Map(),
): VerifyResult {
  const objects = signedObjects(check, request.body);
  if (objects.length === 0) return { ok: false, reason: "signature_missing" };
  const claims = objects.map((object) => claimOf(check, object, nowMs));
  for (const claim of claims) if (typeof claim === "string") return { ok: false, reason: claim };
  let secretIndex = -1;
  let fault: VerifyReason = "signature_wrong";
  for (const [index, secret] of secrets.entries()) {
    const material = keyMaterial(check, objects, secret, keys);
    if (typeof material !== "string") {
      fault = material.fault;
      continue;
    }
    const key = readSecretKey(check, material);
    const proved = claims.map(
      (claim) =>
        typeof claim !== "string" && key !== undefined && proves(claim.alg, key, claim.content, [claim.signature]),
    );
    if (proved.every(Boolean) && secretIndex < 0) secretIndex = index;
  }
  return secretIndex < 0 ? { ok: false, reason: fault } : { ok: true, secretIndex };
}

/** The URLs of published keys that a body for this recipient names. */
export function memberKeysOf(check: MembersCheck, request: WebhookRequest, secrets: readonly string[]): string[] {
  if (check.remote === undefined || secrets.every((secret) => readSecretKey(check, secret) !== undefined)) return [];
  const objects = signedObjects(check, request.body);
  const isOurs = secrets.some((secret) => isRecipient(check, objects, secret));
  return isOurs ? keyUrls(check, objects) : [];
}

/** The objects of a body that are signed each by itself; none where one of them is missing or no object. */
export function signedObjects({ at }: MembersCheck, body: Uint8Array): readonly Json[] {
  let document: Json;
  try {
    document = parseJson(body);
  } catch {
    return [];
  }
  const objects = (at === undefined ? [document] : jsonParts([document], at)) ?? [];
  return objects.every(isObject) ? objects : [];
}

export function algorithmOf({ alg }: MembersCheck, object: Json): MemberAlgorithm | undefined {
  if (typeof alg === "string") return alg;
  const said = textAt(object, alg.from);
  return said !== undefined && Object.hasOwn(alg.is, said) ? alg.is[said] : undefined;
}

/** The bytes that were signed; undefined where a member is missing, is no text, or holds text that parts members. */
export function membersContent({ content }: MembersCheck, object: Json): Buffer | undefined {
  const form = content.find(
    ({ where }) => where === undefined || where.is.includes(textAt(object, where.member) ?? ""),
  );
  if (form === undefined) return undefined;
  const parts: string[] = [];
  for (const member of form.members) {
    const part = partOf(form, object, member);
    if (part === undefined) return undefined;
    if (part !== null) parts.push(part);
  }
  return Buffer.from(`${parts.join(form.between)}${form.end ?? ""}`, "utf8");
}

/** A member as it is signed; null where it is left out, undefined where it can't be. */
function partOf(form: MembersContent, object: Json, member: string): string | null | undefined {
  const value = valueAt(object, member.split("."));
  const isMissing = value === undefined || value === null;
  if (isMissing && form.optional?.includes(member) !== true) return undefined;
  if (isMissing && form.absent === "left out") return null;
  const text = isMissing ? "" : asText(value);
  if (text === undefined || (member !== form.free && text.includes(form.between))) return undefined;
  return form.as.replaceAll(/\{(name|value)\}/g, (_, which) => (which === "name" ? member : text));
}

type Claim = { readonly signature: Buffer; readonly alg: MemberAlgorithm; readonly content: Buffer };

/** An object's signature with all that it is of, or the fault for which it can't be judged. */
function claimOf(check: MembersCheck, object: Json, nowMs: number): Claim | VerifyReason {
  const written = textAt(object, check.signature);
  if (written === undefined || written === "") return "signature_missing";
  const signature = decode(written, check.encoding);
  const alg = algorithmOf(check, object);
  if (signature === undefined || alg === undefined) return "signature_unreadable";
  if (check.ts !== undefined) {
    const time = textAt(object, check.ts.from);
    const fault = time === undefined ? "timestamp_missing" : faultOfTime(check.ts, time, nowMs);
    if (fault !== undefined) return fault;
  }
  const content = membersContent(check, object);
  return content === undefined ? "signature_wrong" : { signature, alg, content };
}

/** The secret itself, or the published keys that a body for this recipient was signed with. */
function keyMaterial(
  check: MembersCheck,
  objects: readonly Json[],
  secret: string,
  keys: ReadonlyMap<string, string>,
): string | { readonly fault: VerifyReason } {
  if (check.remote === undefined || readSecretKey(check, secret) !== undefined) return secret;
  if (!isRecipient(check, objects, secret)) return { fault: "recipient_wrong" };
  const urls = keyUrls(check, objects);
  if (urls.length !== 1) return { fault: "signature_wrong" };
  return keys.get(urls[0]!) ?? { fault: "key_unavailable" };
}

function isRecipient({ remote }: MembersCheck, objects: readonly Json[], secret: string): boolean {
  return (
    remote !== undefined && objects.length > 0 && objects.every((each) => textAt(each, remote.recipient) === secret)
  );
}

/** The URLs of keys within the pattern; none where an object names another. */
function keyUrls({ remote }: MembersCheck, objects: readonly Json[]): string[] {
  const pattern = new RegExp(`^(?:${remote?.urlPattern})$`);
  const urls = objects.map((each) => (remote === undefined ? undefined : textAt(each, remote.url)));
  const isPinned = urls.every((url) => url !== undefined && pattern.test(url) && URL.parse(url)?.href === url);
  return isPinned ? [...new Set(urls.filter((url) => url !== undefined))] : [];
}

function textAt(object: Json, path: string): string | undefined {
  const value = valueAt(object, path.split("."));
  return value === undefined || value === null ? undefined : asText(value);
}

function asText(value: Json): string | undefined {
  return typeof value === "object" ? undefined : String(value);
}
