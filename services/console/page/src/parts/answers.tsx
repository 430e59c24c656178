import type { ComponentChildren } from "preact";
import type { ApiFault } from "../api/call.ts";

/** Shown between a question and its answer. */
export function Waiting({ says = "Asking …" }: { readonly says?: string }) {
  return (
    <p class="waiting" role="status">
      {says}
    </p>
  );
}

/** A no of the API, and what can be done. */
export function Failure({ fault, again }: { readonly fault: ApiFault; readonly again?: () => unknown }) {
  return (
    <div class="note bad" role="alert">
      <p>
        <strong>{sentence(fault.message)}</strong>
      </p>
      {fault.hint !== "" && <p>{sentence(fault.hint)}</p>}
      {again !== undefined && (
        <div class="acts">
          <button type="button" onClick={() => void again()}>
            Ask again
          </button>
        </div>
      )}
    </div>
  );
}

/** An empty place: says what would stand here and how it gets here. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <div class="soft">{children}</div>
    </div>
  );
}

/** Words that a sentence of the API begins with. Any other first word may be a name, and `crm` is no `Crm`. */
const BEGINNINGS =
  /^(?:a|an|and|all|another|answered|applied|attempt|became|by|came|could|dead|duplicate|each|ended|every|had|it|its|mend|merged|more|new|no|nobody|none|not|nothing|of|older|one|only|or|put|received|sent|set|somebody|superseded|the|there|this|two|unchanged|understood|until|waited|waits|was|were|what|while|with)\b/;

/** `its token is refused` → `Its token is refused.` */
export function sentence(text: string): string {
  const begun = BEGINNINGS.test(text) ? text.slice(0, 1).toUpperCase() + text.slice(1) : text;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** The states that every answer has: not there yet, a no, or the data that `children` shows. */
export function Answered<Data>({
  answer,
  children,
}: {
  readonly answer: {
    readonly data: Data | undefined;
    readonly error: ApiFault | null;
    readonly refetch: () => unknown;
  };
  readonly children: (data: Data) => ComponentChildren;
}) {
  if (answer.data !== undefined) return <>{children(answer.data)}</>;
  if (answer.error !== null) return <Failure fault={answer.error} again={answer.refetch} />;
  return <Waiting />;
}
