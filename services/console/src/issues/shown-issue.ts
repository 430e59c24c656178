import type { Issue } from "../contract/issue.ts";
import { timeOf } from "../live-state.ts";
import { ISSUE_RULES } from "./kinds.ts";
import type { KeptIssue } from "./life.ts";

/** An issue as people see it; null: it has not stood long enough to be one. */
export function shownIssue(kept: KeptIssue): Issue | null {
  const { state, id, kind, subject, severity, title, says, count, view, openedMs, openings, seenSinceMs } = kept;
  if (state === "waiting") return null;
  return {
    id,
    kind,
    subject,
    state,
    severity,
    title,
    says,
    count,
    view,
    runbook: ISSUE_RULES[kind].runbook,
    openedAt: timeOf(openedMs),
    openings,
    isSeen: seenSinceMs !== null,
    lastSeenAt: timeOf(kept.lastSeenMs),
    life: kept.life.map(({ atMs, what, by, reason }) => ({ at: timeOf(atMs), what, by, reason })),
  };
}
