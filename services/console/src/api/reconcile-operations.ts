import { reconcileJson, reconcilePage, reconcileQuestion } from "../contract/reconcile.ts";
import { pageQuery, reason } from "../contract/shape.ts";
import { operation } from "./operation.ts";

const read = "read";
const operate = "operate";

export const RECONCILE_OPERATIONS = {
  beginReconcile: operation({
    id: "beginReconcile",
    method: "post",
    path: "/api/reconciles",
    tag: "Reconcile",
    summary:
      "Begins to compare records with what their destination has confirmed, and to write again what it does not show if that is asked for.",
    role: operate,
    body: reconcileQuestion,
    answer: { status: 202, schema: reconcileJson },
  }),
  listReconciles: operation({
    id: "listReconciles",
    method: "get",
    path: "/api/reconciles",
    tag: "Reconcile",
    summary: "Reconciles, the newest first, without their single findings.",
    role: read,
    query: pageQuery,
    answer: { status: 200, schema: reconcilePage },
  }),
  getReconcile: operation({
    id: "getReconcile",
    method: "get",
    path: "/api/reconciles/{id}",
    tag: "Reconcile",
    summary: "One: how far it is, and what it has found.",
    role: read,
    answer: { status: 200, schema: reconcileJson },
  }),
  abortReconcile: operation({
    id: "abortReconcile",
    method: "post",
    path: "/api/reconciles/{id}/abort",
    tag: "Reconcile",
    summary: "Ends it. What was repaired stays so.",
    role: operate,
    body: reason,
    answer: { status: 200, schema: reconcileJson },
  }),
} as const;
