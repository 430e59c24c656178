import type { Json } from "../event.ts";
import { isObject } from "./is-object.ts";
import { parseJson } from "./json.ts";
import { readTime } from "../time.ts";

type Members = { readonly [member: string]: Json };

/**
 * Reads the execution context that Dataverse posts and adds the record's values as plain members:
 * `Target: { PrimaryEntityId, PrimaryEntityName, column: value, … }`. References become the id that they
 * point to, choices and money their value, `/Date(…)/` RFC 3339.
 * @throws UnreadableBodyError
 */
export function readDataverse(bytes: Uint8Array): Json {
  const body = parseJson(bytes);
  const context = membersOf(body);
  if (context === undefined) return body;
  const parameters = context["InputParameters"];
  const entries = Array.isArray(parameters) ? (parameters as Json[]) : [];
  const target = entries.map(membersOf).find((entry) => entry?.["key"] === "Target")?.["value"];
  const attributes = membersOf(target ?? null)?.["Attributes"];
  const columns = (Array.isArray(attributes) ? (attributes as Json[]) : []).flatMap((entry) => {
    const { key, value } = membersOf(entry) ?? {};
    return typeof key === "string" && key !== "__proto__" ? [[key, plain(value ?? null)] as const] : [];
  });
  const { PrimaryEntityId = null, PrimaryEntityName = null } = context;
  return { ...context, Target: { ...Object.fromEntries(columns), PrimaryEntityId, PrimaryEntityName } };
}

function plain(value: Json): Json {
  if (typeof value === "string") return readTime(value, "dotnet")?.text ?? value;
  const members = membersOf(value);
  const type = members?.["__type"];
  if (members === undefined || typeof type !== "string") return value;
  if (type.startsWith("EntityReference:")) return members["Id"] ?? null;
  return type.startsWith("OptionSetValue:") || type.startsWith("Money:") ? (members["Value"] ?? null) : value;
}

function membersOf(value: Json): Members | undefined {
  return isObject(value) ? value : undefined;
}
