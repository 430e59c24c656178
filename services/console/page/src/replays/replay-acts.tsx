import { useState } from "preact/hooks";
import type { Replay } from "../../../src/contract/replay.ts";
import { useChange } from "../api/questions.ts";
import { countWithNoun } from "../figures.ts";
import { Failure } from "../parts/answers.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { useMayOperate } from "../session.ts";
import { duration } from "../time.ts";

/** The acts on one replay, as its state allows them. */
export function ReplayActs({ replay }: { readonly replay: Replay }) {
  const { id, state, stale, plan } = replay;
  const mayOperate = useMayOperate();
  const [asks, setAsks] = useState<"run" | "abort" | null>(null);
  const close = () => setAsks(null);
  const run = useChange("runReplay", close);
  const abort = useChange("abortReplay", close);
  const pause = useChange("pauseReplay");
  const resume = useChange("resumeReplay");
  if (!mayOperate) return null;
  const question = (reason?: string) => ({ path: { id }, body: reason === undefined ? {} : { reason } });
  const hasBegun = state === "running" || state === "paused";
  const isOpen = hasBegun || state === "planning" || state === "planned";
  const fault = pause.error ?? resume.error;
  return (
    <>
      {fault !== null && <Failure fault={fault} />}
      {state === "planned" && (
        <button
          type="button"
          class="main"
          disabled={stale !== null || plan === null || plan.replayed === 0}
          onClick={() => setAsks("run")}
        >
          Run it
        </button>
      )}
      {state === "running" && (
        <button type="button" disabled={pause.isPending} onClick={() => pause.mutate(question())}>
          Pause
        </button>
      )}
      {state === "paused" && (
        <button
          type="button"
          class="main"
          disabled={resume.isPending || stale !== null}
          onClick={() => resume.mutate(question())}
        >
          Go on
        </button>
      )}
      {isOpen && (
        <button type="button" class="grave" onClick={() => setAsks("abort")}>
          {hasBegun ? "End it here" : "Drop it"}
        </button>
      )}
      {asks === "run" && plan !== null && (
        <ReasonDialog
          title="Run the replay"
          act="Run it"
          isActing={run.isPending}
          fault={run.error}
          onAct={(reason) => run.mutate(question(reason))}
          onClose={close}
        >
          <p>
            {countWithNoun(plan.replayed, "webhook")} are understood again whenever no live one waits. Each event keeps
            its version: nothing that is newer at its destination is overwritten.{" "}
            {plan.seconds !== null && `At the present quota that takes about ${duration(plan.seconds)}.`}
          </p>
        </ReasonDialog>
      )}
      {asks === "abort" && (
        <ReasonDialog
          title={hasBegun ? "End it here" : "Drop it"}
          act={hasBegun ? "End it here" : "Drop it"}
          isGrave
          isActing={abort.isPending}
          fault={abort.error}
          onAct={(reason) => abort.mutate(question(reason))}
          onClose={close}
        >
          <p>{hasBegun ? "What was understood again stays so; the rest is left." : "Nothing of it was done."}</p>
        </ReasonDialog>
      )}
    </>
  );
}
