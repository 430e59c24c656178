import { issue, issueQuery, issues } from "../contract/issue.ts";
import { reason } from "../contract/shape.ts";
import { operation } from "./operation.ts";

const read = "read";
const operate = "operate";

export const ISSUE_OPERATIONS = {
  listIssues: operation({
    id: "listIssues",
    method: "get",
    path: "/api/issues",
    tag: "Issues",
    summary: "Faults by their cause, open ones first; unless asked for, without those that are resolved.",
    role: read,
    query: issueQuery,
    answer: { status: 200, schema: issues },
  }),
  getIssue: operation({
    id: "getIssue",
    method: "get",
    path: "/api/issues/{id}",
    tag: "Issues",
    summary: "One issue, with its life.",
    role: read,
    answer: { status: 200, schema: issue },
  }),
  acknowledgeIssue: operation({
    id: "acknowledgeIssue",
    method: "post",
    path: "/api/issues/{id}/acknowledge",
    tag: "Issues",
    summary: "Somebody looks after it: it is counted as open no more, and stays until its cause is gone.",
    role: operate,
    body: reason,
    answer: { status: 200, schema: issue },
  }),
  resolveIssue: operation({
    id: "resolveIssue",
    method: "post",
    path: "/api/issues/{id}/resolve",
    tag: "Issues",
    summary: "Its cause is mended. It is opened again when it comes back, or when there is news of it.",
    role: operate,
    body: reason,
    answer: { status: 200, schema: issue },
  }),
} as const;
