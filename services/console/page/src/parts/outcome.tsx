import type { EventOutcome } from "../../../src/contract/event.ts";

/** How an event or a change ended: how good that is, and what the word means. */
export const OUTCOME_WORDS: Readonly<Record<EventOutcome, { readonly tone: string; readonly says: string }>> = {
  pending: { tone: "under-way", says: "not yet at its destination" },
  applied: { tone: "good", says: "written" },
  merged: { tone: "good", says: "went out with a newer change of its record" },
  superseded: { tone: "", says: "older than what its record has" },
  unchanged: { tone: "", says: "its record had these values" },
  dead: { tone: "bad", says: "refused, or not understood" },
  set_aside: { tone: "warn", says: "written but for fields that its destination refused" },
  discarded: { tone: "warn", says: "given up by an operator" },
  duplicate: { tone: "", says: "a repetition" },
  ignored: { tone: "", says: "no row of the mapping wants it" },
  unknown: { tone: "", says: "nobody saw its end" },
};

/** A word with a mark; pointed at, it says what it means. */
export function OutcomeState({ outcome }: { readonly outcome: EventOutcome }) {
  const { tone, says } = OUTCOME_WORDS[outcome];
  return (
    <span class={`state ${tone}`} title={says}>
      {outcome}
    </span>
  );
}
