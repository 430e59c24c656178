import type { IssueKind } from "@sluice/runtime";
import type { Issue } from "../contract/issue.ts";

/** How long a cause has to stand before it is an issue, how grave that is, and where the remedy is written down. */
type Kind = {
  readonly severity: Issue["severity"];
  readonly afterMs: number;
  readonly runbook: string;
};

const MINUTE_MS = 60_000;

/** Kinds of issues. Where an alert of Prometheus tells of the same, its time and its runbook are the issue's too. */
export const ISSUE_RULES = {
  dead_letters: { severity: "ticket", afterMs: 0, runbook: "docs/runbooks/SluiceDeadRecords.md" },
  held: { severity: "ticket", afterMs: 15 * MINUTE_MS, runbook: "docs/runbooks/SluiceHeld.md" },
  credentials_refused: { severity: "page", afterMs: 0, runbook: "docs/runbooks/SluiceCredentialsRefused.md" },
  oldest_pending: { severity: "ticket", afterMs: 2 * MINUTE_MS, runbook: "docs/runbooks/SluiceOldestPending.md" },
  intake_waits: { severity: "ticket", afterMs: 2 * MINUTE_MS, runbook: "docs/runbooks/SluiceIntakeWaits.md" },
  no_worker: { severity: "page", afterMs: MINUTE_MS, runbook: "docs/runbooks/SluiceNoWorker.md" },
  state_went_back: { severity: "page", afterMs: 0, runbook: "docs/runbooks/SluiceStateWentBack.md" },
  source_silent: { severity: "ticket", afterMs: 0, runbook: "docs/issues.md#a-source-gone-silent" },
  signatures_refused: {
    severity: "ticket",
    afterMs: 5 * MINUTE_MS,
    runbook: "docs/runbooks/SluiceSignaturesRefused.md",
  },
  unknown_types: { severity: "ticket", afterMs: 15 * MINUTE_MS, runbook: "docs/runbooks/SluiceUnknownEvents.md" },
  mapping_drift: { severity: "ticket", afterMs: 0, runbook: "docs/issues.md#a-mapping-that-drifts" },
  webhook_failing: { severity: "ticket", afterMs: 0, runbook: "docs/issues.md#a-receiver-that-takes-nothing" },
} as const satisfies Record<IssueKind, Kind>;
