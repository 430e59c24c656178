import { inflateRawSync } from "node:zlib";
import { z } from "zod";
import { ANSWERS, RULINGS, Refusal } from "@sluice/zendesk";
import { LIMITS } from "../limits.ts";

/** How new a write is: the state of the writer's own store, and the stamps with their fields. */
export type WriteStamps = {
  readonly state: string;
  /** `*`: all fields that are sent have this stamp. */
  readonly fields: Readonly<Record<string, "*" | readonly string[]>>;
};

const stamp = z.string().regex(/^(?:[0-9a-f]{2}){8,64}$/);
const header = z.object({
  state: z.string().regex(/^[\w-]{1,36}$/),
  items: z.array(z.record(stamp, z.union([z.literal("*"), z.array(z.string())])).nullable()),
});

/**
 * Reads the header: JSON, deflated and in base64, with an entry for each item; a null entry tells nothing.
 * @throws Refusal 400
 */
export function readStamps(text: string, count: number): readonly (WriteStamps | null)[] {
  const { state, items } = parsed(text);
  if (items.length !== count) throw refused(`has ${items.length} entries for ${count} items`);
  return items.map((fields) => (fields === null ? null : { state, fields }));
}

function parsed(text: string): z.infer<typeof header> {
  try {
    const json = inflateRawSync(Buffer.from(text, "base64"), { maxOutputLength: LIMITS.stampsBytes });
    return header.parse(JSON.parse(json.toString("utf8")));
  } catch {
    throw refused("can't be read");
  }
}

function refused(why: string): Refusal {
  return new Refusal(ANSWERS.invalidParameter(`${RULINGS.stampsHeader} ${why}`));
}

/** Stamps in the form that records.fence keeps. @param sent the written parts: field keys, `@name`, or `""` for a delete */
export function stampsOf(stamps: WriteStamps | null, sent: readonly string[]): Readonly<Record<string, string>> {
  const known = Object.entries(stamps?.fields ?? {}).flatMap(([each, fields]) =>
    (fields === "*" ? sent : fields.filter((field) => sent.includes(field))).map(
      (field) => [field, `${stamps!.state} ${each}`] as const,
    ),
  );
  return Object.fromEntries(known);
}
