import type { z } from "zod";
import { Fault } from "./fault.ts";

/** A place in a list, as a text that the caller sends back to go on there. */
export function writeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** The place that a cursor stands for; null: there is no cursor. @throws Fault `cursor_invalid` */
export function readCursor<Schema extends z.ZodType>(
  cursor: string | undefined,
  schema: Schema,
): z.infer<Schema> | null {
  if (cursor === undefined) return null;
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw new Fault("cursor_invalid", "the cursor is none of this list's");
  }
  const parsed = schema.safeParse(place);
  if (!parsed.success) throw new Fault("cursor_invalid", "the cursor is none of this list's");
  return parsed.data;
}
