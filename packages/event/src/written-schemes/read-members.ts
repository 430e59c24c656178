import {
  ENCODINGS,
  KEY_FORMS,
  MEMBER_ALGORITHMS,
  TIMESTAMP_UNITS,
  type MembersCheck,
  type MembersContent,
  type RemoteMemberKeys,
} from "../scheme.ts";
import type { ObjectReader } from "./object-reader.ts";

/** Reads a signature among a body's members as a scheme writes it out. A member at fault leaves a fault, for which the caller looks. */
export function readMembers(written: ObjectReader): MembersCheck {
  const before = written.faults.length;
  const check = {
    type: "members",
    at: written.has("at") ? written.text("at", "a path in the body") : undefined,
    signature: written.text("signature", "the path of the signature"),
    encoding: written.choice("encoding", ENCODINGS),
    alg: readAlgorithm(written),
    key: written.choice("key", KEY_FORMS, "utf8"),
    content: written.objects("content", CONTENT_ALLOWED).map((each) => readContent(each)),
    ts: written.has("ts") ? readTime(written) : undefined,
    remote: written.has("remote") ? readRemote(written) : undefined,
  };
  if (written.faults.length === before) checkAgreement(written, check as MembersCheck);
  return Object.fromEntries(Object.entries(check).filter(([, value]) => value !== undefined)) as MembersCheck;
}

const CONTENT_ALLOWED = "an object of where, members, optional, absent, as, between, end, free, or a list of such";
const MEMBERS_ALLOWED = "a list of paths";

function readContent(written: ObjectReader): MembersContent {
  const content = {
    where: written.has("where") ? readWhere(written) : undefined,
    members: written.texts("members", MEMBERS_ALLOWED),
    optional: written.has("optional") ? written.texts("optional", MEMBERS_ALLOWED) : undefined,
    absent: written.choice("absent", ["empty", "left out"], "empty"),
    as: written.text("as", "text with {name} or {value}", "{value}"),
    between: written.text("between", "text"),
    end: written.has("end") ? written.text("end", "text") : undefined,
    free: written.has("free") ? written.text("free", "one of the members") : undefined,
  };
  if (content.as?.includes("{value}") === false)
    written.fault("as", "leaves out {value}", "text with {name} or {value}");
  if (content.between === "") written.fault("between", "is empty: members could be parted anywhere", "text");
  for (const name of [...(content.optional ?? []), ...(content.free === undefined ? [] : [content.free])]) {
    if (content.members?.includes(name) === false) written.fault("members", `leaves out "${name}"`, MEMBERS_ALLOWED);
  }
  written.end();
  return Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined)) as MembersContent;
}

function readWhere(parent: ObjectReader): Partial<NonNullable<MembersContent["where"]>> {
  const written = parent.object("where", "an object of member, is");
  const member = written.text("member", "a path");
  const is = written.texts("is", "a list of texts");
  written.end();
  return { ...(member === undefined ? {} : { member }), ...(is === undefined ? {} : { is }) };
}

function readAlgorithm(parent: ObjectReader): MembersCheck["alg"] | undefined {
  if (typeof parent.raw("alg") === "string") return parent.choice("alg", MEMBER_ALGORITHMS);
  const written = parent.object("alg", `${MEMBER_ALGORITHMS.join(", ")}, or { from, is }`);
  const from = written.text("from", "the path of a member");
  const texts = written.object("is", "an object of texts and algorithms");
  const is = texts.names().map((text) => [text, texts.choice(text, MEMBER_ALGORITHMS)] as const);
  written.end();
  if (from === undefined) return undefined;
  return {
    from,
    is: Object.fromEntries(is.flatMap(([text, alg]) => (alg === undefined ? [] : [[text, alg] as const]))),
  };
}

function readTime(parent: ObjectReader): MembersCheck["ts"] {
  const written = parent.object("ts", "an object of from, unit, toleranceSec");
  const from = written.text("from", "the path of a signed member");
  const unit = written.choice("unit", TIMESTAMP_UNITS);
  const toleranceSec = written.integer("toleranceSec", 1, 86_400, 300);
  written.end();
  if (from === undefined || unit === undefined || toleranceSec === undefined) return undefined;
  return { from, unit, toleranceSec };
}

function readRemote(parent: ObjectReader): Partial<RemoteMemberKeys> {
  const written = parent.object("remote", "an object of url, urlPattern, recipient, recipientPattern");
  const remote = {
    url: written.text("url", "the path of the URL"),
    urlPattern: written.pattern("urlPattern"),
    recipient: written.text("recipient", "the path of a signed member"),
    recipientPattern: written.pattern("recipientPattern"),
  };
  if (remote.urlPattern?.startsWith("https://") === false) {
    written.fault("urlPattern", "does not begin with https://", "a regular expression of the whole URL");
  }
  written.end();
  return remote as Partial<RemoteMemberKeys>;
}

/** Faults parts that are good by themselves and make no sense, or no security, together. */
function checkAgreement(written: ObjectReader, { alg, key, content, ts, remote }: MembersCheck): void {
  const isSigned = (path: string): boolean => content.every(({ members }) => members.includes(path));
  for (const path of [ts?.from, remote?.recipient]) {
    if (path !== undefined && !isSigned(path)) {
      written.fault("content", `leaves out "${path}": anybody could replace what is not signed`, CONTENT_ALLOWED);
    }
  }
  const algorithms = typeof alg === "string" ? [alg] : Object.values(alg.is);
  const isPublic = algorithms.map((each) => each.startsWith("rsa-"));
  if (isPublic.some((each) => each !== (key === "pem-bundle"))) {
    written.fault(
      "key",
      `"${key}" does not go with "${algorithms.join(", ")}"`,
      "pem-bundle with rsa, and only with it",
    );
  }
}
