import { createHash } from "node:crypto";
import type { IssueKind } from "@sluice/runtime";
import type { Issue } from "../contract/issue.ts";

/** A fault as one look saw it. */
export type Observation = Pick<Issue, "kind" | "subject" | "title" | "says" | "count" | "view"> & {
  /** The level at which a person resolves it while its cause stands: a higher one opens it again. */
  readonly level: number;
  /** Text by which a later look knows that nothing has changed since; empty: each look tells by itself. */
  readonly mark: string;
  readonly severity?: Issue["severity"];
};

/** The same cause is the same issue, for all consoles and at all times. */
export function issueId({ kind, subject }: { readonly kind: IssueKind; readonly subject: string }): string {
  return createHash("sha256")
    .update(JSON.stringify([kind, subject]))
    .digest("hex")
    .slice(0, 12);
}
