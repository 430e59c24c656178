import type { Replay } from "../../../src/contract/replay.ts";

const STATES: Readonly<Record<Replay["state"], { readonly tone: string; readonly says: string }>> = {
  planning: { tone: "under-way", says: "is planned" },
  planned: { tone: "", says: "planned, not run" },
  running: { tone: "under-way", says: "runs" },
  paused: { tone: "warn", says: "rests" },
  done: { tone: "good", says: "done" },
  aborted: { tone: "warn", says: "ended before its end" },
  failed: { tone: "bad", says: "failed" },
};

export function ReplayState({ state }: Pick<Replay, "state">) {
  return <span class={`state ${STATES[state].tone}`}>{STATES[state].says}</span>;
}
