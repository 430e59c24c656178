import { z } from "zod";

/** RFC 3339, UTC, with milliseconds. */
export const time = z.iso.datetime();

/** Any JSON value. */
export const json = z.unknown();

/** The cursor where a list goes on; callers send it back as it is. */
export const next = z.string().nullable();

/** The members of a query that page a list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1000).optional(),
});

/** A page. It may be short, or empty, and go on all the same: a search that takes longer than its time says how far it came. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next,
    /** Everything that came in since then was searched; null: the whole history was. */
    searchedTo: time.nullable(),
  });
}

export const errorAnswer = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});

export const recordKey = z.object({
  destination: z.string(),
  object: z.string(),
  by: z.enum(["external_id", "name"]),
  key: z.string(),
});
export type RecordNameJson = z.infer<typeof recordKey>;

/** Why somebody asks for an act; the audit log keeps it. */
export const reason = z.object({ reason: z.string().max(500).optional() });
