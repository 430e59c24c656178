import { z } from "zod";
import { json, pageSchema, recordKey, time } from "./shape.ts";

/** The records to be compared with what their destination has confirmed. */
export const reconcileQuestion = z.object({
  destination: z.string().max(200),
  /** The key of an object; without it, all that were written there. */
  object: z.string().max(200).optional(),
  /** So many records, chosen by chance; without it, all. Doubtful ones are compared in any case. */
  sample: z.number().int().min(1).max(10_000_000).optional(),
  /** Whether what the destination does not show is written again. */
  repair: z.boolean().default(false),
  reason: z.string().max(500).optional(),
});

/** `returned`: it was deleted, and is there again. */
const findingKind = z.enum(["missing", "different", "returned"]);

/**
 * The fate of a finding. `none`: no repair was asked for. `asked`: its values are pending. `mended`: read back, and the destination shows
 * them. `blind`: it may be a newer write of Sluice's own, which is forgotten everywhere. `unknown`: none of its values is known. `returned`: a
 * repair deletes nothing.
 */
const repairWord = z.enum(["none", "asked", "mended", "blind", "unknown", "returned"]);

export const reconcileReport = z.object({
  /** Records that were compared, and how many of them were as they should be. */
  compared: z.number(),
  same: z.number(),
  found: z.record(findingKind, z.number()),
  /** Among the found ones: a late write may have put them back; somebody else changed them since. */
  doubtful: z.number(),
  editedThere: z.number(),
  repairs: z.record(repairWord, z.number()),
  /**
   * Records that were not compared. `pending`: something was on its way, also in the end. `dead`: they have a dead letter. `unasked`: their
   * keys can't be asked for. `unknown`: nobody knows what the destination should show.
   */
  skipped: z.record(z.enum(["pending", "dead", "unasked", "unknown"]), z.number()),
  /** Fields of compared records that were left out: their values are not in the history, or `redact` took them out. */
  unknownFields: z.number(),
  /** Doubtful records of which the history knows nothing. */
  doubtfulUnknown: z.number(),
  /** The first ones, five hundred at most. Long values are cut, and end with `…`. */
  findings: z.array(
    z.object({
      record: recordKey,
      finding: findingKind,
      fields: z.array(z.object({ field: z.string(), confirmed: json, found: json })),
      /** Fields whose confirmed values nobody knows. */
      unknown: z.array(z.string()),
      isDoubtful: z.boolean(),
      /** Whether somebody else changed it since Sluice wrote it last; null: the destination does not say. */
      isEditedThere: z.boolean().nullable(),
      repair: repairWord,
    }),
  ),
});

export const reconcileJson = z.object({
  id: z.string(),
  /** running → done; `aborted`, `failed`, and `lost`: its process ended. What was repaired until then stays so. */
  state: z.enum(["running", "done", "aborted", "failed", "lost"]),
  by: z.string(),
  destination: z.string(),
  object: z.string().nullable(),
  sample: z.number().nullable(),
  repair: z.boolean(),
  startedAt: time,
  endedAt: time.nullable(),
  /** `reading`: the history is looked through. `again`: records that were on their way, and those that were repaired, are looked at once more. */
  stage: z.enum(["doubtful", "reading", "comparing", "again"]),
  /** `destination`: it is held, or has enough to write. `backfill`: the past goes first. `redis`: Redis is too full. `dead_letters`: those of its source have no room. Null: it does not wait. */
  waitsFor: z.enum(["destination", "backfill", "redis", "dead_letters"]).nullable(),
  report: reconcileReport.nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
});
export type Reconcile = z.infer<typeof reconcileJson>;
export const reconcilePage = pageSchema(reconcileJson);
