import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";
import type { Reconcile } from "../../../src/contract/reconcile.ts";
import { useChange } from "../api/questions.ts";
import { countWithNoun } from "../figures.ts";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { useMayOperate } from "../session.ts";
import { foundIn } from "./reconcile-state.tsx";

/** The acts on one reconcile: a repair of what it found, or its end. */
export function ReconcileActs({ reconcile }: { readonly reconcile: Reconcile }) {
  const { id, state, report, repair: isRepair, destination, object, sample } = reconcile;
  const { route } = useLocation();
  const mayOperate = useMayOperate();
  const [asks, setAsks] = useState<"repair" | "abort" | null>(null);
  const close = () => setAsks(null);
  const abort = useChange("abortReconcile", close);
  const repair = useChange("beginReconcile", (begun) => {
    close();
    route(`/reconciles/${encodeURIComponent(begun.id)}`);
  });
  if (!mayOperate) return null;
  const isWanting = state === "done" && !isRepair && report !== null && foundIn(report) > 0;
  const because = (reason?: string) => (reason === undefined ? {} : { reason });
  return (
    <>
      {isWanting && (
        <button type="button" class="main" onClick={() => setAsks("repair")}>
          Repair
        </button>
      )}
      {state === "running" && (
        <button type="button" class="grave" onClick={() => setAsks("abort")}>
          End it here
        </button>
      )}
      {asks === "repair" && report !== null && (
        <ReasonDialog
          title={`Repair ${destination}`}
          act="Repair"
          isActing={repair.isPending}
          fault={repair.error}
          onAct={(reason) =>
            repair.mutate({
              body: { destination, repair: true, ...(object === null ? {} : { object }), ...because(reason) },
            })
          }
          onClose={close}
        >
          <p>
            {sample === null ? "Everything" : "Everything, not the sample alone,"} is compared once more, and what is
            missing or different then is written again: {countWithNoun(foundIn(report), "record")} now. What somebody
            edited there is overwritten; nothing that is newer is, and nothing is deleted.
          </p>
        </ReasonDialog>
      )}
      {asks === "abort" && (
        <ReasonDialog
          title="End it here"
          act="End it here"
          isGrave
          isActing={abort.isPending}
          fault={abort.error}
          onAct={(reason) => abort.mutate({ path: { id }, body: because(reason) })}
          onClose={close}
        >
          <p>{isRepair ? "What was repaired stays so; the rest is left." : "Nothing was written."}</p>
        </ReasonDialog>
      )}
    </>
  );
}
