import { createHash } from "node:crypto";
import type { Json } from "../event.ts";
import { isObject } from "../body/is-object.ts";
import { LIMITS } from "../limits.ts";
import type { EventRules } from "../scheme.ts";
import { fillFirst, type TemplateFacts } from "./template.ts";

/**
 * The event's id: the sender's id of the event or the delivery, else a digest of all members that tell two changes apart and
 * that a repetition repeats. A digest of the record and its time alone would take the second of two changes that share
 * them for a repetition; a digest of the body alone would do so with a value that goes from A to B and back to A.
 * @param told gives the event's type, its own time and its version; called only where the sender gave no id
 */
export function identify(rules: EventRules, facts: TemplateFacts, told: () => readonly (string | null)[]): string {
  const given = fillFirst(rules.id, facts, isNoId);
  if (given !== undefined) return given.length > LIMITS.maxEventIdCharacters ? sha256(given) : given;
  const paths = (rules.volatile ?? []).map((path) => path.split("."));
  const element = paths.reduce(without, facts.event);
  const delivery = fillFirst(rules.delivery ?? [], facts) ?? null;
  return sha256(JSON.stringify([...told(), facts.each ?? null, delivery, element]));
}

/** Whether a text is no id: senders write the nil GUID where they have none. */
function isNoId(text: string): boolean {
  return text === "" || text === "00000000-0000-0000-0000-000000000000";
}

function without(value: Json, [member = "", ...rest]: readonly string[]): Json {
  if (!isObject(value) || !Object.hasOwn(value, member)) return value;
  const { [member]: inner = null, ...others } = value;
  return rest.length === 0 ? others : { ...others, [member]: without(inner, rest) };
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
}
