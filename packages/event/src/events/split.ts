import type { Json } from "../event.ts";
import { isObject } from "../body/is-object.ts";
import type { Split } from "../scheme.ts";
import { UnreadableBodyError } from "../body/unreadable-body.ts";

type Members = { readonly [member: string]: Json };

/**
 * The events in a body, each an object.
 * @throws UnreadableBodyError where an event is no object, or nothing stands in their place
 */
export function split(rule: Split, body: Json): readonly Json[] {
  const elements = typeof rule === "object" ? elementsAt(rule, body) : whole(rule, body);
  return elements.map((element, index) => {
    if (element !== null && typeof element === "object") return element;
    throw new UnreadableBodyError(
      `Event ${index + 1} of ${elements.length} in the body is not an object`,
      "Nothing of this request was taken. Send every event as a JSON object.",
    );
  });
}

function whole(rule: "one" | "many", body: Json): readonly Json[] {
  return rule === "many" && Array.isArray(body) ? (body as Json[]) : [body];
}

function elementsAt({ at, carry = [], otherwise }: Exclude<Split, string>, body: Json): readonly Json[] {
  const found = walk(body, at.split("."), carry, {});
  if (found !== undefined) return found;
  const [first = ""] = at.split(/\[\]|\./);
  // A body that begins like this form and breaks off is not read as another form.
  const begins = body !== null && typeof body === "object" && Object.hasOwn(body, first);
  if (otherwise !== undefined && !begins) return whole(otherwise, body);
  throw new UnreadableBodyError(
    `The body has no array of events at "${at}"`,
    "Check that the source's scheme is the one of its sender.",
  );
}

/** The elements at the path; undefined as soon as something on it is missing: a batch is read whole or not at all. */
function walk(value: Json, path: readonly string[], carry: readonly string[], carried: Members): Json[] | undefined {
  const [step = "", ...rest] = path;
  const member = step.replace(/\[\]$/, "");
  if (value === null || typeof value !== "object" || !Object.hasOwn(value, member)) return undefined;
  const next = (value as Members)[member] as Json;
  if (member === step && rest.length > 0) return walk(next, rest, carry, carried);
  if (!Array.isArray(next)) return undefined;
  const elements = next as Json[];
  if (rest.length === 0) return elements.map((element) => withMembers(element, carried));
  const parts = elements.map((element) => walk(element, rest, carry, { ...carried, ...pick(element, carry) }));
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

function pick(element: Json, names: readonly string[]): Members {
  if (!isObject(element)) return {};
  return Object.fromEntries(Object.entries(element).filter(([name]) => names.includes(name)));
}

/** The event with the carried members; its own win over those. */
function withMembers(element: Json, carried: Members): Json {
  return isObject(element) && Object.keys(carried).length > 0 ? { ...carried, ...element } : element;
}
