import { useState } from "preact/hooks";
import type { Issue } from "../../../src/contract/issue.ts";
import { useChange } from "../api/questions.ts";
import { sentence } from "../parts/answers.tsx";
import { Ago, At } from "../parts/clock.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { useMayOperate } from "../session.ts";

const TONES: Readonly<Record<Issue["state"], string>> = { open: "bad", acknowledged: "warn", resolved: "good" };

/** An issue with its life, and what can be done about it. */
export function IssueEntry({ issue }: { readonly issue: Issue }) {
  const { state, severity, title, says, view, runbook, openedAt, openings, isSeen, lastSeenAt } = issue;
  return (
    <li>
      <p class={`state ${TONES[state]}`}>
        {state}
        {state !== "resolved" && severity === "page" && ", urgent"}
      </p>
      <div class="what">
        <h2>{title}</h2>
        <p>{withCode(sentence(says))}</p>
        <p class="soft">
          {openings > 1 ? `opened ${openings} times, last ` : "opened "}
          <Ago at={openedAt} />
          {!isSeen && (
            <>
              , last seen <Ago at={lastSeenAt} />
            </>
          )}
        </p>
        <p>
          <a href={view}>Look at it</a> <span class="soft">· {runbook}</span>
        </p>
        <Life issue={issue} />
      </div>
      <Acts issue={issue} />
    </li>
  );
}

/** A text in which the parts between backticks are code. */
function withCode(text: string) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}

function Life({ issue: { life } }: { readonly issue: Issue }) {
  return (
    <details>
      <summary>Its life</summary>
      <ol class="way">
        {life.map(({ at, what, by, reason }) => (
          <li key={`${at} ${what}`} class={what === "opened" || what === "reopened" ? "bad" : undefined}>
            <At at={at} />
            <div>
              {what}
              {by !== null && ` by ${by}`}
              {by === null && what === "resolved" && ", its cause is gone"}
              {reason !== null && `: ${reason}`}
            </div>
          </li>
        ))}
      </ol>
    </details>
  );
}

const ACTS = {
  acknowledge: {
    name: "Acknowledge",
    says: "Others see that somebody looks after it. It is counted as open no more, and stays here until its cause is gone.",
  },
  resolve: {
    name: "Resolve",
    says: "Its cause is mended. It is opened again when it comes back, or when there is news of it.",
  },
} as const;

function Acts({ issue: { id, state, title } }: { readonly issue: Issue }) {
  const mayOperate = useMayOperate();
  const [asks, setAsks] = useState<keyof typeof ACTS | null>(null);
  const close = () => setAsks(null);
  const acknowledge = useChange("acknowledgeIssue", close);
  const resolve = useChange("resolveIssue", close);
  if (!mayOperate || state === "resolved") return null;
  const changes = { acknowledge, resolve };
  const ask = (act: keyof typeof ACTS) => {
    changes[act].reset();
    setAsks(act);
  };
  return (
    <div class="acts">
      {state === "open" && (
        <button type="button" aria-label={`Acknowledge ${title}`} onClick={() => ask("acknowledge")}>
          Acknowledge
        </button>
      )}
      <button type="button" aria-label={`Resolve ${title}`} onClick={() => ask("resolve")}>
        Resolve
      </button>
      {asks !== null && (
        <ReasonDialog
          title={`${ACTS[asks].name}: ${title}`}
          act={ACTS[asks].name}
          isActing={changes[asks].isPending}
          fault={changes[asks].error}
          onAct={(reason) => changes[asks].mutate({ path: { id }, body: reason === undefined ? {} : { reason } })}
          onClose={close}
        >
          <p>{ACTS[asks].says}</p>
        </ReasonDialog>
      )}
    </div>
  );
}
