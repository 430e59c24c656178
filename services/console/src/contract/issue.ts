import { ISSUE_KINDS } from "@sluice/runtime";
import { z } from "zod";
import { time } from "./shape.ts";

export const issueKind = z.enum(ISSUE_KINDS);
const issueState = z.enum(["open", "acknowledged", "resolved"]);

/** A turn in an issue's life. */
const turn = z.object({
  at: time,
  what: z.enum(["opened", "reopened", "acknowledged", "resolved"]),
  /** The person; null: it was seen, or is seen no more. */
  by: z.string().nullable(),
  reason: z.string().nullable(),
});

/** Faults of one cause, with a life. */
export const issue = z.object({
  id: z.string(),
  kind: issueKind,
  /** The thing that it is about: a destination, a source, a cause of dead letters. */
  subject: z.string(),
  state: issueState,
  /** `page`: webhooks are being refused or nothing is written. `ticket`: a person has to look, today. */
  severity: z.enum(["page", "ticket"]),
  title: z.string(),
  /** A sentence on the consequence, and on the remedy. */
  says: z.string(),
  count: z.number().nullable(),
  /** The view of this page that mends it. */
  view: z.string(),
  /** The runbook's place in the project. */
  runbook: z.string(),
  openedAt: time,
  /** How often it was opened: more than once, it came back. */
  openings: z.number(),
  /** Whether its cause stands, as far as was seen. */
  isSeen: z.boolean(),
  lastSeenAt: time,
  /** Its last turns, the oldest first. */
  life: z.array(turn),
});
export type Issue = z.infer<typeof issue>;

export const issues = z.object({
  issues: z.array(issue),
  /** Issues that are open, whatever the filters of the question. */
  open: z.number(),
});

export const issueQuery = z.object({
  /** `unresolved`: open and acknowledged ones. */
  state: z.enum(["unresolved", ...issueState.options, "all"]).default("unresolved"),
  kind: issueKind.optional(),
});
export type IssueQuery = z.infer<typeof issueQuery>;
