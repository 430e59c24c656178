import { useState } from "preact/hooks";
import type { DestinationNow } from "../../../src/contract/now.ts";
import { useChange } from "../api/questions.ts";
import { countWithNoun } from "../figures.ts";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { useMayOperate } from "../session.ts";

/** Holds a destination that flows, resumes one that is held. */
export function HoldButton({ destination }: { readonly destination: DestinationNow }) {
  const { name, state, pendingRecords } = destination;
  const mayOperate = useMayOperate();
  const [asks, setAsks] = useState<"hold" | "resume" | null>(null);
  const close = () => setAsks(null);
  const hold = useChange("holdDestination", close);
  const resume = useChange("resumeDestination", close);
  if (!mayOperate) return null;
  const acts = (act: "hold" | "resume") => {
    hold.reset();
    resume.reset();
    setAsks(act);
  };
  const question = (reason: string | undefined) => ({ path: { name }, body: reason === undefined ? {} : { reason } });
  return (
    <>
      {state === "held" ? (
        <button type="button" onClick={() => acts("resume")} aria-label={`Resume ${name}`}>
          Resume
        </button>
      ) : (
        <button type="button" onClick={() => acts("hold")} aria-label={`Hold ${name}`}>
          Hold
        </button>
      )}
      {asks === "hold" && (
        <ReasonDialog
          title={`Hold ${name}`}
          act="Hold it"
          isActing={hold.isPending}
          fault={hold.error}
          onAct={(reason) => hold.mutate(question(reason))}
          onClose={close}
        >
          <p>
            Nothing is sent to {name} until somebody resumes it. Webhooks are taken in as before, and merged: what piles
            up on a record goes out as one write. No attempt is spent meanwhile.
          </p>
        </ReasonDialog>
      )}
      {asks === "resume" && (
        <ReasonDialog
          title={`Resume ${name}`}
          act="Resume it"
          isActing={resume.isPending}
          fault={resume.error}
          onAct={(reason) => resume.mutate(question(reason))}
          onClose={close}
        >
          <p>
            One request tries first; if it gets through, what is pending follows, a few records at a time:{" "}
            {countWithNoun(pendingRecords, "record")} now.
          </p>
        </ReasonDialog>
      )}
    </>
  );
}
