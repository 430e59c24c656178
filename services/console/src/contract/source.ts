import { z } from "zod";
import { time } from "./shape.ts";

export const sourceRow = z.object({
  name: z.string(),
  scheme: z.string(),
  /** The proof of the source's requests: "signed body", "authenticated caller", "URL secret only", and a second factor beside it. */
  grade: z.string(),
  /** From 0: of two equal versions the later source wins. */
  rank: z.number(),
  share: z.number(),
  path: z.string(),
  lastEventAt: time.nullable(),
  /** Over the last minute. */
  eventsPerMinute: z.number().nullable(),
  eventsToday: z.number().nullable(),
  /** Since ever. */
  understood: z.number(),
  made: z.number(),
  duplicate: z.number(),
  ignored: z.number(),
  dead: z.number(),
  destinations: z.array(z.string()),
  warnings: z.array(z.string()),
});
export type SourceRowJson = z.infer<typeof sourceRow>;
export const sources = z.object({ sources: z.array(sourceRow) });

export const source = sourceRow.extend({
  secrets: z.array(
    z.object({
      /** The secret's place in the list, from 1. Its value is never told. */
      number: z.number(),
      acceptedUntil: time.nullable(),
      /** When a request was last made with it; null: none ever was. */
      lastUsedAt: time.nullable(),
    }),
  ),
  types: z.array(
    z.object({
      type: z.string(),
      events: z.number(),
      /** So many of them ended as dead letters. */
      dead: z.number(),
      lastAt: time,
      /** False: no row of the mapping wanted any of them. */
      isWanted: z.boolean(),
    }),
  ),
  /** Fields of its bodies that are not as they were the week before, by samples; null: not known. `before`, `now`: the kinds of their values. */
  fieldDrifts: z
    .array(
      z.object({
        type: z.string(),
        field: z.string(),
        what: z.enum(["new", "vanished", "retyped"]),
        before: z.string().nullable(),
        now: z.string().nullable(),
      }),
    )
    .nullable(),
  rows: z.array(
    z.object({
      place: z.string(),
      when: z.string().nullable(),
      destination: z.string(),
      object: z.string(),
      key: z.string(),
      version: z.string().nullable(),
      effect: z.enum(["fields", "delete"]),
      fields: z.array(z.object({ field: z.string(), expression: z.string() })),
    }),
  ),
  fetch: z.object({ url: z.string(), destination: z.string() }).nullable(),
});
export type Source = z.infer<typeof source>;

/** Bodies that the source's sender would send. */
export const samples = z.object({ samples: z.array(z.object({ type: z.string(), body: z.string() })) });
