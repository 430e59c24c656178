import type { Handshake } from "../scheme.ts";
import type { ObjectReader } from "./object-reader.ts";

const KINDS = [
  "query-echo",
  "query-echo-json",
  "json-echo",
  "signed-echo",
  "header-echo",
  "body-secret",
  "validation-url",
  "signed-visit",
  "cloudevents-options",
  "eventgrid-validation",
  "form-ping",
  "head",
  "get",
] as const;

/** Reads a handshake that is written out. Undefined when a member is at fault. */
export function readHandshake(written: ObjectReader): Handshake | undefined {
  const before = written.faults.length;
  const kind = written.choice("kind", KINDS);
  if (kind === undefined) return undefined;
  const handshake = membersOf(kind, written);
  return written.faults.length > before ? undefined : ({ kind, ...handshake } as Handshake);
}

function membersOf(kind: (typeof KINDS)[number], written: ObjectReader): object {
  switch (kind) {
    case "query-echo":
      return { param: written.text("param", "a parameter's name"), as: written.text("as", "a type", "text/plain") };
    case "query-echo-json":
      return {
        param: written.text("param", "a parameter's name"),
        as: written.text("as", "a type", "application/json"),
      };
    case "json-echo":
    case "body-secret":
      return { field: written.text("field", "a member's name") };
    case "signed-echo":
      return { field: written.text("field", "a member's name"), only: written.text("only", "the body's type") };
    case "header-echo":
      return { header: written.header("header") };
    case "validation-url":
      return { field: written.text("field", "a member's name"), host: written.host("host") };
    case "signed-visit": {
      const where = written.object("where", "an object of member, is");
      const mark = { member: where.text("member", "a member's name"), is: where.text("is", "its text") };
      where.end();
      return { field: written.text("field", "a member's name"), where: mark, host: written.pattern("host") };
    }
    case "form-ping":
      return { pattern: written.pattern("pattern") };
    case "cloudevents-options":
      return written.has("authenticated") ? { authenticated: written.flag("authenticated") } : {};
    case "eventgrid-validation":
    case "head":
    case "get":
      return {};
  }
}
