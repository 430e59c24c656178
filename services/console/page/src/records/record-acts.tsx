import { useState } from "preact/hooks";
import type { RecordRowJson } from "../../../src/contract/record.ts";
import { useChange } from "../api/questions.ts";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { useMayOperate } from "../session.ts";

const ACTS = {
  retryRecord: {
    name: "Retry now",
    title: "Let it have its next attempt now",
    says: "It waits no longer for its turn. A hold of its destination still holds it.",
  },
  parkRecord: {
    name: "Park",
    title: "Take it out of the line",
    says: "It is parked: what comes in is merged, and nothing of it is sent until it is put back. All others go on.",
  },
  unparkRecord: {
    name: "Put back",
    title: "Put it back in the line",
    says: "What was merged meanwhile is sent as one write.",
  },
  forgetRecord: {
    name: "Forget",
    title: "Forget what is known of it",
    says: "What is pending is discarded and its versions are forgotten: the next event is written, whatever its version is. Use it where a version that was too high by mistake keeps newer events out.",
  },
} as const;
type Act = keyof typeof ACTS;

const RESULTS = {
  parked: "It is parked.",
  waiting: "It is back in the line.",
  due: "Its next attempt is due.",
  forgotten: "It is forgotten.",
  none: "Nothing of it is pending: there was nothing to do.",
  flying: "A request with it is under way: nothing was done. Try again when it is answered.",
} as const;

/** The acts on one record. */
export function RecordActs({ record }: { readonly record: RecordRowJson }) {
  const mayOperate = useMayOperate();
  const [act, setAct] = useState<Act | null>(null);
  const [result, setResult] = useState<keyof typeof RESULTS | null>(null);
  const close = () => setAct(null);
  const done = (answer: { readonly result: keyof typeof RESULTS }) => {
    setResult(answer.result);
    close();
  };
  const changes = {
    retryRecord: useChange("retryRecord", done),
    parkRecord: useChange("parkRecord", done),
    unparkRecord: useChange("unparkRecord", done),
    forgetRecord: useChange("forgetRecord", done),
  };
  if (!mayOperate) return null;
  const isPending = record.state !== "quiet" && record.state !== "dead";
  const offered: Act[] = [
    ...(record.state === "parked" ? (["unparkRecord"] as const) : []),
    ...(isPending && record.state !== "parked" ? (["retryRecord", "parkRecord"] as const) : []),
    "forgetRecord",
  ];
  const { destination, object, key, by } = record;
  return (
    <>
      {result !== null && (
        <span class="soft" role="status">
          {RESULTS[result]}
        </span>
      )}
      {offered.map((name) => (
        <button
          key={name}
          type="button"
          class={name === "forgetRecord" ? "grave" : undefined}
          onClick={() => {
            changes[name].reset();
            setResult(null);
            setAct(name);
          }}
        >
          {ACTS[name].name}
        </button>
      ))}
      {act !== null && (
        <ReasonDialog
          title={ACTS[act].title}
          act={ACTS[act].name}
          isGrave={act === "forgetRecord"}
          isActing={changes[act].isPending}
          fault={changes[act].error}
          onAct={(reason) =>
            changes[act].mutate({
              path: { destination, object, key },
              query: { by },
              body: reason === undefined ? {} : { reason },
            })
          }
          onClose={close}
        >
          <p>{ACTS[act].says}</p>
        </ReasonDialog>
      )}
    </>
  );
}
