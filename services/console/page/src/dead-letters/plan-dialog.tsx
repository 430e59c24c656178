import { useEffect, useState } from "preact/hooks";
import type { DeadLetterEditJson, DeadLetterPlan } from "../../../src/contract/dead-letter.ts";
import type { QuestionOf } from "../api/call.ts";
import { useChange, useOnDemand } from "../api/questions.ts";
import { count, countWithNoun } from "../figures.ts";
import { Failure, sentence, Waiting } from "../parts/answers.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Value } from "../parts/json-text.tsx";
import { TaskProgressNote } from "../parts/task-progress-note.tsx";
import { useMayOperate } from "../session.ts";
import { duration } from "../time.ts";
import { Unreached } from "./unreached.tsx";
import { aboutText, WOULD } from "./words.ts";

type Asked = NonNullable<QuestionOf<"planLetters">["body"]>;

type PlanDialogProps = {
  readonly act: Asked["act"];
  readonly selection: Asked["selection"];
  readonly edit?: DeadLetterEditJson;
  readonly onClose: () => void;
};

/** Shows what an act would do, does it when told to, and shows how far it is. */
export function PlanDialog({ act, selection, edit, onClose }: PlanDialogProps) {
  const plan = useOnDemand("planLetters");
  const carryOut = useChange("carryOutLetters");
  const mayOperate = useMayOperate();
  const [reason, setReason] = useState("");
  const ask = () => plan.mutate({ body: { act, selection, ...(edit === undefined ? {} : { edit }) } });
  useEffect(ask, []);
  const verb = act === "replay" ? "Replay" : "Discard";
  const isStale = carryOut.error?.code === "plan_stale";
  return (
    <Dialog title={act === "replay" ? "What replaying would do" : "What discarding would do"} onClose={onClose}>
      {plan.isPending && <Waiting says="Planning …" />}
      {plan.error !== null && <Failure fault={plan.error} />}
      {plan.data !== undefined && carryOut.data === undefined && <Planned plan={plan.data} />}
      {carryOut.data !== undefined && <TaskProgressNote id={carryOut.data.id} />}
      {carryOut.error !== null && <Failure fault={carryOut.error} />}
      {plan.data !== undefined && carryOut.data === undefined && plan.data.letters > 0 && mayOperate && (
        <label>
          <span class="label">Reason, for the audit log (may stay empty)</span>
          <input maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      )}
      <div class="acts">
        <button type="button" onClick={onClose}>
          {carryOut.data === undefined ? "Cancel" : "Close"}
        </button>
        {isStale && (
          <button
            type="button"
            onClick={() => {
              carryOut.reset();
              ask();
            }}
          >
            Plan anew
          </button>
        )}
        {plan.data !== undefined && carryOut.data === undefined && mayOperate && (
          <button
            type="button"
            class={act === "replay" ? "main" : "grave"}
            disabled={carryOut.isPending || plan.data.letters === (plan.data.would.leave ?? 0)}
            onClick={() =>
              carryOut.mutate({
                body: { plan: plan.data.plan, ...(reason.trim() === "" ? {} : { reason: reason.trim() }) },
              })
            }
          >
            {carryOut.isPending ? `${verb} …` : `${verb} ${count(plan.data.letters - (plan.data.would.leave ?? 0))}`}
          </button>
        )}
      </div>
    </Dialog>
  );
}

function Planned({ plan }: { readonly plan: DeadLetterPlan }) {
  const would = Object.entries(WOULD).flatMap(([what, words]) => {
    const many = plan.would[what as keyof typeof WOULD] ?? 0;
    return many === 0 ? [] : [`${count(many)} would be ${words}`];
  });
  return (
    <>
      <p>
        {plan.letters === 0 ? "There is nothing left that it would be done to." : `${would.join(", ")}.`}
        {plan.requests > 0 && (
          <>
            {" "}
            That takes {countWithNoun(plan.requests, "request")}
            {plan.seconds !== null && <>, about {duration(plan.seconds)} at the present quota</>}.
          </>
        )}
      </p>
      {plan.more > 0 && (
        <p>
          {count(plan.more)} more that are chosen are older and no part of this plan, which takes {count(plan.letters)}:
          plan again once it is carried out. Those that it leaves come first again; then choose one cause, one source,
          or a time.
        </p>
      )}
      <Unreached letters={plan.unreached} />
      {plan.items.length > 0 && (
        <ul class="planned">
          {plan.items.map(({ letter, would: does, why, fields }) => (
            <li key={letter.id}>
              <p>
                <span class="code">{aboutText(letter)}</span>{" "}
                <span class="soft">{does === "leave" ? `is left: ${why ?? "it can’t be done now"}` : WOULD[does]}</span>
              </p>
              {fields.map(({ field, before, after }) => (
                <p key={field}>
                  <span class="soft">{field}</span>{" "}
                  <del>
                    <Value value={before} />
                  </del>{" "}
                  →{" "}
                  <ins>
                    <Value value={after} />
                  </ins>
                </p>
              ))}
            </li>
          ))}
          {plan.letters > plan.items.length && (
            <li class="soft">{sentence(`and ${count(plan.letters - plan.items.length)} more like these`)}</li>
          )}
        </ul>
      )}
    </>
  );
}
