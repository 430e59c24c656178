import type { DeadLetterRow } from "../../../src/contract/dead-letter.ts";

/** The kinds of dead letters, as phrases for people. */
export const DEAD_LETTER_KINDS: Readonly<Record<DeadLetterRow["kind"], string>> = {
  record: "a write that was refused",
  event: "an event that a mapping failed on",
  webhook: "a webhook that could not be understood",
  job: "a job of the intake that ended its worker",
};

/** The subject of a dead letter: its record's key, or the event that made none. */
export function aboutText({ record, eventId, kind }: DeadLetterRow): string {
  return record?.key ?? eventId ?? DEAD_LETTER_KINDS[kind];
}

/** Dead letters that a plan would treat alike, as a sentence about one or many. */
export const WOULD = {
  send_again: "sent again",
  map_again: "mapped again",
  understand_again: "understood again",
  discard: "discarded",
  leave: "left as they are",
} as const;
