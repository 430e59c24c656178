import { useState } from "preact/hooks";
import type { SentTrial, ShownTrial } from "../../../src/contract/trial.ts";
import type { QuestionOf } from "../api/call.ts";
import { useChange } from "../api/questions.ts";
import { Failure } from "../parts/answers.tsx";
import { Section } from "../parts/view.tsx";
import { useMayOperate } from "../session.ts";

type Tried = NonNullable<QuestionOf<"tryWebhook">["body"]>;

type SendFormProps = {
  readonly trial: ShownTrial;
  /** The request that was tried, which may differ from the one that is typed by now. */
  readonly tried: Tried;
  readonly onSent: (sent: SentTrial) => void;
};

/** Sends the tried request through the queue, like any webhook of its source. */
export function SendForm({ trial, tried, onSent }: SendFormProps) {
  const mayOperate = useMayOperate();
  const [keepsId, setKeepsId] = useState(false);
  const [reason, setReason] = useState("");
  const send = useChange("sendTrial", onSent);
  const isSendable = trial.events.length > 0 && (trial.verified.isAuthentic || trial.verified.signedBy === "nobody");
  if (!isSendable || !mayOperate) return null;
  return (
    <Section title="Send it" says="Through the queue, as if it had just come in from its sender">
      <form
        class="trial-form"
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate({ body: { ...tried, keepsId, ...(reason.trim() === "" ? {} : { reason: reason.trim() }) } });
        }}
      >
        <label>
          <input type="checkbox" checked={keepsId} onChange={(event) => setKeepsId(event.currentTarget.checked)} />{" "}
          Under the id that it has: an event that was sent before is then a repetition, and nothing is done
        </label>
        <label>
          <span class="label">Reason, for the audit log (may stay empty)</span>
          <input maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        {send.error !== null && <Failure fault={send.error} />}
        <div class="acts">
          <button class="main" disabled={send.isPending}>
            {send.isPending ? "Sending …" : "Send it"}
          </button>
        </div>
      </form>
    </Section>
  );
}
