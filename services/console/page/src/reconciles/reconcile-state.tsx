import type { Reconcile } from "../../../src/contract/reconcile.ts";

const STATES: Readonly<Record<Reconcile["state"], { readonly tone: string; readonly says: string }>> = {
  running: { tone: "under-way", says: "runs" },
  done: { tone: "good", says: "done" },
  aborted: { tone: "warn", says: "ended before its end" },
  failed: { tone: "bad", says: "failed" },
  lost: { tone: "bad", says: "lost: its process ended" },
};

export function ReconcileState({ state }: Pick<Reconcile, "state">) {
  return <span class={`state ${STATES[state].tone}`}>{STATES[state].says}</span>;
}

/** How many records were found not to be as their destination has confirmed. */
export function foundIn({ found }: NonNullable<Reconcile["report"]>): number {
  return Object.values(found).reduce((sum, each) => sum + each, 0);
}
