import type { Issue, IssueQuery } from "../../../src/contract/issue.ts";
import { useAnswer } from "../api/questions.ts";
import { Answered, Empty } from "../parts/answers.tsx";
import { useQueryPart } from "../parts/query.ts";
import { View } from "../parts/view.tsx";
import { IssueEntry } from "./issue-entry.tsx";

const EVERY_MS = 5_000;

const STATES: Readonly<Record<IssueQuery["state"], string>> = {
  unresolved: "not resolved",
  open: "open",
  acknowledged: "acknowledged",
  resolved: "resolved",
  all: "all",
};

/** Faults by their cause: each is one issue, however often it shows. */
export function IssuesView() {
  const [query, setQuery] = useQueryPart();
  const state = (query["state"] ?? "unresolved") as IssueQuery["state"];
  const answer = useAnswer("listIssues", { query: { state } }, { everyMs: EVERY_MS });
  return (
    <View
      title="Issues"
      says="Faults by their cause. One is resolved by itself when its cause is gone, and opened again when it comes back."
    >
      <div class="filters">
        <label>
          <span class="label">State</span>
          <select value={state} onChange={(event) => setQuery({ state: event.currentTarget.value })}>
            {Object.entries(STATES).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Answered answer={answer}>
        {({ issues }) => (issues.length === 0 ? <NoIssues state={state} /> : <IssueList issues={issues} />)}
      </Answered>
    </View>
  );
}

function IssueList({ issues }: { readonly issues: readonly Issue[] }) {
  return (
    <ul class="issues">
      {issues.map((issue) => (
        <IssueEntry key={issue.id} issue={issue} />
      ))}
    </ul>
  );
}

function NoIssues({ state }: { readonly state: IssueQuery["state"] }) {
  return (
    <Empty title={state === "resolved" ? "Nothing was resolved lately" : "No issues"}>
      Dead letters of one cause, a destination that is held, changes that wait too long, a source that has fallen silent
      or sends what is not authentic, types that no mapping takes: each would stand here once, with the view that mends
      it.
    </Empty>
  );
}
