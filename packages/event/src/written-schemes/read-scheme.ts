import { withOwnTimes } from "../events/attempt-time.ts";
import { findScheme, schemeNames } from "../catalog.ts";
import { readCheck } from "./read-check.ts";
import { readEventRules } from "./read-event-rules.ts";
import { readHandshake } from "./read-handshake.ts";
import { readLimits } from "./read-limits.ts";
import { readReply } from "./read-reply.ts";
import { SchemeError, type SchemeFault } from "./scheme-error.ts";
import {
  BODY_FORMS,
  ENCODINGS,
  TIMESTAMP_UNITS,
  type BodyForm,
  type Check,
  type Handshake,
  type Scheme,
} from "../scheme.ts";
import { GENERIC_HMAC_DEFAULTS, genericHmac, type GenericHmac } from "../schemes/generic-hmac.ts";
import { ORDINARY_EVENT, ORDINARY_LIMITS, ORDINARY_REPLY } from "../schemes/ordinary.ts";
import { CONTENT_TOKENS, coversBody, unknownTokens } from "../signature/signed-content.ts";
import { ObjectReader } from "./object-reader.ts";

/**
 * Reads `scheme:` of a source: a name; a name with its parameters, `{ generic-hmac: { header: … } }`;
 * or a scheme written out, `{ type: signature, alg: …, … }`, with the dimensions of `Check` and, where its
 * sender is not ordinary, `handshakes:`, `body:`, `event:`, `reply:` and `limits:`, as a sender's file has them.
 * @throws SchemeError with every fault
 */
export function readScheme(value: unknown): Scheme {
  const faults: SchemeFault[] = [];
  const scheme = typeof value === "string" ? readName(value, faults) : readObject(value, faults);
  if (scheme === undefined || faults.length > 0) throw new SchemeError(faults);
  return scheme;
}

function readName(name: string, faults: SchemeFault[]): Scheme | undefined {
  const scheme = findScheme(name);
  if (scheme === undefined) {
    faults.push({ place: "", message: `"${name}" is unknown`, allowed: schemeNames().join(", ") });
  }
  return scheme;
}

const ALLOWED_FORMS = "a name, { generic-hmac: { … } }, or a scheme written out: { type: signature, … }";

function readObject(value: unknown, faults: SchemeFault[]): Scheme | undefined {
  const written = new ObjectReader(value, "", faults, ALLOWED_FORMS);
  if (faults.length > 0) return undefined;
  const scheme = written.has("generic-hmac") ? readGenericHmac(written) : readWrittenOut(written);
  written.end();
  return scheme;
}

const REPLY_ALLOWED = "an object of success, duplicate, notAuthentic, unreadable, refused, overload";
const LIMITS_ALLOWED = "an object of bodyBytes, methods";

function readWrittenOut(written: ObjectReader): Scheme | undefined {
  const check = readCheck(written);
  const event = written.has("event") ? readEventRules(written.object("event", "an object")) : ORDINARY_EVENT;
  const reply = written.has("reply") ? readReply(written.object("reply", REPLY_ALLOWED)) : ORDINARY_REPLY;
  const limits = written.has("limits") ? readLimits(written.object("limits", LIMITS_ALLOWED)) : ORDINARY_LIMITS;
  const handshakes = readHandshakes(written, check?.type === "none");
  const body = readBodyForm(written, check);
  // A row of the published tables may carry a remark.
  written.has("note");
  if (check === undefined || event === undefined) return undefined;
  return {
    name: "written-out",
    title: "Written out",
    check,
    handshakes,
    ...(body === undefined ? {} : { body }),
    event: withOwnTimes(check, event),
    reply,
    limits,
  };
}

/** Reads the handshakes. The members of a scheme that only answers a handshake stand beside `type`. */
function readHandshakes(written: ObjectReader, isAlone: boolean): readonly Handshake[] {
  const alone = isAlone ? [readHandshake(written)] : [];
  const beside = written.has("handshakes")
    ? written.objects("handshakes", "{ kind: … }, or a list of such").map((each) => {
        const handshake = readHandshake(each);
        each.end();
        return handshake;
      })
    : [];
  return [...alone, ...beside].filter((handshake) => handshake !== undefined);
}

function readBodyForm(written: ObjectReader, check: Check | undefined): BodyForm | undefined {
  if (written.has("body")) return written.choice("body", BODY_FORMS);
  return check?.type === "token" && check.from.startsWith("xml:") ? "salesforce-soap" : undefined;
}

function readGenericHmac(parent: ObjectReader): Scheme | undefined {
  const written = parent.object("generic-hmac", "an object of header, algorithm, encoding, prefix …");
  const defaults = GENERIC_HMAC_DEFAULTS;
  const header = written.header("header", defaults.header);
  const algorithm = written.choice("algorithm", ["sha256", "sha512", "sha1"], defaults.algorithm);
  const encoding = written.choice("encoding", ENCODINGS, defaults.encoding);
  const prefix = written.text("prefix", "text", defaults.prefix);
  const key = written.choice("key", ["utf8", "base64", "hex"], defaults.key);
  const timestamp = written.has("timestamp") ? readTimestamp(written) : undefined;
  const content = written.text("content", CONTENT_TOKENS.join(" "), timestamp ? "{ts}.{body}" : defaults.content);
  const event = written.has("event") ? readEventRules(written.object("event", "an object")) : undefined;
  const reply = written.has("reply") ? readReply(written.object("reply", REPLY_ALLOWED)) : ORDINARY_REPLY;
  const limits = written.has("limits") ? readLimits(written.object("limits", LIMITS_ALLOWED)) : undefined;
  written.end();
  checkContent(written, content, timestamp);
  if (written.faults.length > 0) return undefined;
  const chosen = { header, algorithm, encoding, prefix, key, content } as GenericHmac;
  const scheme = genericHmac("generic-hmac", "Generic HMAC", timestamp ? { ...chosen, timestamp } : chosen);
  const own = event === undefined ? {} : { event: withOwnTimes(scheme.check, event) };
  return { ...scheme, reply, ...own, ...(limits === undefined ? {} : { limits }) };
}

function readTimestamp(parent: ObjectReader): GenericHmac["timestamp"] {
  const written = parent.object("timestamp", "an object of header, unit, tolerance_seconds");
  const header = written.header("header");
  const unit = written.choice("unit", TIMESTAMP_UNITS, "s");
  const toleranceSeconds = written.integer("tolerance_seconds", 1, 86_400, 300);
  written.end();
  if (header === undefined || unit === undefined || toleranceSeconds === undefined) return undefined;
  return { header, unit, toleranceSeconds };
}

function checkContent(written: ObjectReader, content: string | undefined, timestamp: GenericHmac["timestamp"]): void {
  if (content === undefined) return;
  const allowed = CONTENT_TOKENS.join(" ");
  for (const token of unknownTokens(content)) written.fault("content", `has the unknown token ${token}`, allowed);
  if (!coversBody(content)) written.fault("content", "leaves out the body", allowed);
  const usesTime = content.includes("{ts}");
  if (usesTime && !written.has("timestamp")) {
    written.fault("timestamp", "is missing, though the content holds {ts}", "an object of header, unit");
  }
  if (timestamp !== undefined && !usesTime) {
    written.fault("content", "leaves out {ts}: anybody could replace a time that is not signed", allowed);
  }
}
