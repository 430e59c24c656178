import { z } from "zod";
import { outcomeCounts } from "./outcome.ts";
import { json, pageSchema, pageQuery, time } from "./shape.ts";

export const auditQuery = pageQuery.extend({
  action: z.string().optional(),
  actor: z.string().optional(),
  target: z.string().optional(),
  since: z.string().optional(),
  until: z.string().optional(),
});

/** A change of state that a person asked for. */
export const auditEntry = z.object({
  id: z.string(),
  at: time,
  actor: z.string(),
  via: z.enum(["token", "page", "command"]),
  /** The kind of thing and the act: `destination.hold`, `record.park`, `letters.replay`, `task.abort`. */
  action: z.string(),
  /** `crm`, `crm/customer/4711`, a letter's or a task's id, or which letters: `3 dead letters`, `source erp, since 2h`. */
  target: z.string(),
  reason: z.string().nullable(),
  /** The result's word, or the code of the error. */
  result: z.string(),
  details: json,
});
export type AuditEntry = z.infer<typeof auditEntry>;
export const auditPage = pageSchema(auditEntry);

/** The three books, as `sluice audit` holds them against themselves. */
export const books = z.object({
  isBalanced: z.boolean(),
  jobs: z.object({
    added: z.number(),
    completed: z.number(),
    waiting: z.number(),
    active: z.number(),
    delayed: z.number(),
    failed: z.number(),
    missing: z.number(),
  }),
  events: z.array(
    z.object({
      source: z.string(),
      understood: z.number(),
      made: z.number(),
      duplicate: z.number(),
      ignored: z.number(),
      dead: z.number(),
      missing: z.number(),
    }),
  ),
  accounts: z.array(
    z.object({
      destination: z.string(),
      source: z.string(),
      accepted: z.number(),
      ...outcomeCounts.shape,
      pending: z.number(),
      missing: z.number(),
    }),
  ),
});
export type Books = z.infer<typeof books>;
