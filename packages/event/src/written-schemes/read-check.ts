import { readRange } from "../verification/address.ts";
import { CONTENT_TOKENS, coversBody, unknownTokens } from "../signature/signed-content.ts";
import {
  ALGORITHMS,
  ENCODINGS,
  KEY_FORMS,
  SIGNATURE_FORMATS,
  TIMESTAMP_UNITS,
  JWT_ALGORITHMS,
  type AnyCheck,
  type Check,
  type JwtCheck,
  type MtlsHeaderCheck,
  type RemoteKeys,
  type SignatureCheck,
} from "../scheme.ts";
import { readMembers } from "./read-members.ts";
import type { ObjectReader } from "./object-reader.ts";

const SINGLE = ["signature", "members", "token", "basic", "bearer", "jwt", "ip", "mtls-header"] as const;
const TYPES = [...SINGLE, "any", "handshake"] as const;

/** Reads the dimensions of a scheme that is written out. Undefined when one is at fault. */
export function readCheck(written: ObjectReader): Check | undefined {
  const before = written.faults.length;
  const type = written.choice("type", TYPES);
  if (type === "any") {
    const of = written.objects("of", "a list of { type: … }").map((each) => {
      const check = readSingle(each, each.choice("type", SINGLE));
      each.end();
      return check;
    });
    return written.faults.length > before ? undefined : ({ type, of } as AnyCheck);
  }
  return type === "handshake" ? { type: "none" } : readSingle(written, type);
}

function readSingle(written: ObjectReader, type: (typeof SINGLE)[number] | undefined): Check | undefined {
  const before = written.faults.length;
  switch (type) {
    case undefined:
      return undefined;
    case "signature": {
      const check = readSignature(written);
      return written.faults.length > before ? undefined : check;
    }
    case "members": {
      const check = readMembers(written);
      return written.faults.length > before ? undefined : check;
    }
    case "token": {
      const from = written.text("from", TOKEN_ALLOWED);
      if (from === undefined) return undefined;
      // Salesforce's table has `refuseDtd` beside the element; a document type is refused whatever it says.
      written.has("refuseDtd");
      const isKnown = /^(?:header:[a-z0-9-]+|query:.+|json:.+|xml:OrganizationId)$/.test(from);
      return isKnown ? { type, from } : written.fault("from", `"${from}" can't be read`, TOKEN_ALLOWED);
    }
    case "jwt": {
      const check = readJwt(written);
      return written.faults.length > before ? undefined : check;
    }
    case "mtls-header": {
      const check = readMtlsHeader(written);
      return written.faults.length > before ? undefined : check;
    }
    case "basic":
    case "bearer":
    case "ip":
      return { type };
  }
}

const TOKEN_ALLOWED = "header:NAME in lower case, query:NAME, json:PATH or xml:OrganizationId";

function readJwt(written: ObjectReader): JwtCheck {
  const check = {
    type: "jwt",
    alg: written.choice("alg", JWT_ALGORITHMS),
    header: written.header("header", "authorization"),
    scheme: written.text("scheme", "text before the token, such as Bearer, or nothing", "Bearer"),
    jwks: written.has("jwks") ? written.flag("jwks") : undefined,
    iss: optionalText(written, "iss"),
    aud: optionalText(written, "aud"),
    skewSec: written.has("skewSec") ? written.integer("skewSec", 0, 3_600) : undefined,
    bodyDigestClaim: optionalText(written, "bodyDigestClaim"),
  };
  if (check.alg !== undefined && check.alg.startsWith("HS") === (check.jwks === true)) {
    written.fault("jwks", `does not go with "${check.alg}"`, "true for RS, PS, ES and EdDSA; none for HS");
  }
  return Object.fromEntries(Object.entries(check).filter(([, value]) => value !== undefined)) as JwtCheck;
}

function readMtlsHeader(written: ObjectReader): MtlsHeaderCheck {
  const ranges = written.has("trustedProxies") ? written.texts("trustedProxies", RANGES_ALLOWED) : [];
  for (const range of ranges ?? []) {
    if (readRange(range) === undefined) written.fault("trustedProxies", `"${range}" is no address`, RANGES_ALLOWED);
  }
  // Every undefined member has left a fault, for which the caller looks.
  return {
    type: "mtls-header",
    verifyHeader: written.header("verifyHeader", "x-client-verify"),
    verifyValue: written.text("verifyValue", "text", "SUCCESS"),
    fingerprintHeader: written.header("fingerprintHeader", "x-client-fingerprint"),
    trustedProxies: ranges,
  } as MtlsHeaderCheck;
}

const RANGES_ALLOWED = "a list of addresses or CIDR ranges";

function readSignature(written: ObjectReader): SignatureCheck {
  const alg = written.choice("alg", ALGORITHMS);
  const key = written.choice("key", KEY_FORMS, "utf8");
  const keyPrefix = optionalText(written, "keyPrefix");
  const sig = readSig(written);
  const content = written.text("content", CONTENT_TOKENS.join(" "));
  const ts = written.has("ts") ? readTs(written) : undefined;
  const required = written.has("required") ? written.headers("required") : undefined;
  const secretEntities = written.has("secretEntities") ? written.flag("secretEntities") : undefined;
  const stronger = written.has("stronger") ? readStronger(written) : undefined;
  const remote = written.has("remote") ? readRemote(written) : undefined;
  const check = {
    type: "signature",
    alg,
    key,
    keyPrefix,
    sig,
    content,
    ts,
    required,
    secretEntities,
    stronger,
    remote,
  };
  checkAgreement(written, check as Partial<SignatureCheck>);
  // Every undefined member that must be there has left a fault, for which the caller looks.
  return Object.fromEntries(Object.entries(check).filter(([, value]) => value !== undefined)) as SignatureCheck;
}

/** Reads the stronger check, which decides where a request carries its header too; it is written like the check that it stands in. */
function readStronger(parent: ObjectReader): SignatureCheck {
  const written = parent.object("stronger", "a signature's dimensions");
  written.choice("type", ["signature"], "signature");
  const check = readSignature(written);
  written.end();
  return check;
}

function readRemote(parent: ObjectReader): Partial<RemoteKeys> {
  const written = parent.object("remote", "an object of host, pathHeaders, pathPattern, recipient");
  const remote = {
    host: written.host("host"),
    pathHeaders: written.headers("pathHeaders"),
    pathPattern: written.pattern("pathPattern"),
    recipient: written.text("recipient", "a path in the body"),
  };
  // A pattern without the slash would let a request choose the host.
  if (remote.pathPattern?.startsWith("/") === false) {
    written.fault("pathPattern", "does not begin with a slash", "a regular expression of the whole path");
  }
  written.end();
  return remote as Partial<RemoteKeys>;
}

function readSig(parent: ObjectReader): Partial<SignatureCheck["sig"]> {
  const written = parent.object("sig", "an object of headers, format, prefix, version, field, separator, encoding");
  const sig = {
    headers: written.headers("headers"),
    format: written.choice("format", SIGNATURE_FORMATS, "plain"),
    encoding: written.choice("encoding", ENCODINGS),
    prefix: optionalText(written, "prefix"),
    version: optionalText(written, "version"),
    field: optionalText(written, "field"),
    separator: optionalText(written, "separator"),
  };
  const needed = { plain: undefined, prefix: "prefix", versioned: "version", kv: "field", list: undefined } as const;
  const member = sig.format === undefined ? undefined : needed[sig.format];
  if (member !== undefined && sig[member] === undefined) {
    written.fault(member, `is missing, which the format "${sig.format}" needs`, "text");
  }
  written.end();
  return Object.fromEntries(Object.entries(sig).filter(([, value]) => value !== undefined));
}

function readTs(parent: ObjectReader): SignatureCheck["ts"] {
  const written = parent.object("ts", "an object of header, kvField, unit, toleranceSec");
  const header = written.header("header");
  const kvField = optionalText(written, "kvField");
  const unit = written.choice("unit", TIMESTAMP_UNITS);
  const toleranceSec = written.integer("toleranceSec", 1, 86_400, 300);
  written.end();
  if (header === undefined || unit === undefined || toleranceSec === undefined) return undefined;
  return { header, unit, toleranceSec, ...(kvField === undefined ? {} : { kvField }) };
}

/** Faults dimensions that are good by themselves and make no sense, or no security, together. */
function checkAgreement(written: ObjectReader, { alg, key, content, ts }: Partial<SignatureCheck>): void {
  if (content !== undefined) {
    const allowed = CONTENT_TOKENS.join(" ");
    for (const token of unknownTokens(content)) written.fault("content", `has the unknown token ${token}`, allowed);
    if (!coversBody(content)) written.fault("content", "leaves out the body", allowed);
    if (content.includes("{ts}") && !written.has("ts")) {
      written.fault("ts", "is missing, though the content holds {ts}", "an object of header, unit, toleranceSec");
    }
    if (ts !== undefined && !content.includes("{ts}")) {
      written.fault("content", "leaves out {ts}: anybody could replace a time that is not signed", allowed);
    }
    if (alg === "sha256" && !content.includes("{secret}")) {
      written.fault("content", "leaves out {secret}: anybody could compute such a digest", allowed);
    }
  }
  if ((alg === "rsa-sha256") !== (key === "pem-bundle") && alg !== undefined && key !== undefined) {
    written.fault("key", `"${key}" does not go with "${alg}"`, "pem-bundle with rsa-sha256, and only with it");
  }
}

function optionalText(written: ObjectReader, name: string): string | undefined {
  return written.has(name) ? written.text(name, "text") : undefined;
}
