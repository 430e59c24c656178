import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ApiFault } from "../api/call.ts";
import { Failure } from "./answers.tsx";
import { Dialog } from "./dialog.tsx";

type ReasonDialogProps = {
  readonly title: string;
  /** Says what the act does, before it is done. */
  readonly children: ComponentChildren;
  readonly act: string;
  readonly isGrave?: boolean;
  readonly isActing: boolean;
  readonly fault: ApiFault | null;
  readonly onAct: (reason: string | undefined) => void;
  readonly onClose: () => void;
};

/** Asks once more before something changes, and for the reason that the audit log keeps. */
export function ReasonDialog({
  title,
  children,
  act,
  isGrave = false,
  isActing,
  fault,
  onAct,
  onClose,
}: ReasonDialogProps) {
  const [reason, setReason] = useState("");
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          onAct(reason.trim() === "" ? undefined : reason.trim());
        }}
      >
        <div class="inside" style={{ padding: 0 }}>
          <div class="soft">{children}</div>
          <label>
            <span class="label">Reason, for the audit log (may stay empty)</span>
            <input maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} autofocus />
          </label>
          {fault !== null && <Failure fault={fault} />}
          <div class="acts">
            <button type="button" onClick={onClose}>
              Cancel
            </button>
            <button class={isGrave ? "grave" : "main"} disabled={isActing}>
              {isActing ? `${act} …` : act}
            </button>
          </div>
        </div>
      </form>
    </Dialog>
  );
}
