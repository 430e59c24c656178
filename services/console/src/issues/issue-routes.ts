import { acting } from "@sluice/operator";
import { Fault } from "../api/fault.ts";
import { route, type Call, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { Issue, IssueQuery } from "../contract/issue.ts";
import { actorOf, type LiveState } from "../live-state.ts";
import type { IssueDesk } from "./issue-desk.ts";
import type { IssueAct } from "./life.ts";

export type IssueRoutesOptions = Pick<LiveState, "queue"> & { readonly issues: IssueDesk };

export function issueRoutes({ queue, issues }: IssueRoutesOptions): readonly Route[] {
  async function act(
    { path: { id = "" }, caller, body }: Pick<Call<typeof OPERATIONS.acknowledgeIssue>, "path" | "caller" | "body">,
    what: IssueAct["what"],
  ): Promise<Issue> {
    const by = actorOf(caller, body.reason);
    const verb = what === "acknowledged" ? "acknowledge" : "resolve";
    const { issue } = await acting(queue, by, { action: `issue.${verb}`, target: id }, async () => {
      const acted = await issues.act(id, what, by);
      return { word: what, issue: acted, details: { kind: acted.kind, subject: acted.subject } };
    });
    return issue;
  }

  return [
    route(OPERATIONS.listIssues, async ({ query }) => {
      const all = await issues.all();
      const open = all.filter(({ state }) => state === "open").length;
      return { issues: all.filter((issue) => isWanted(issue, query)), open };
    }),
    route(OPERATIONS.getIssue, async ({ path: { id = "" } }) => {
      const issue = await issues.get(id);
      if (issue === null) throw new Fault("issue_unknown", `there is no issue ${id}`);
      return issue;
    }),
    route(OPERATIONS.acknowledgeIssue, async (call) => await act(call, "acknowledged")),
    route(OPERATIONS.resolveIssue, async (call) => await act(call, "resolved")),
  ];
}

function isWanted(issue: Issue, { state, kind }: IssueQuery): boolean {
  if (kind !== undefined && issue.kind !== kind) return false;
  return state === "all" || (state === "unresolved" ? issue.state !== "resolved" : issue.state === state);
}
