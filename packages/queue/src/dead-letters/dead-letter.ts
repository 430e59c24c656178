import type { Arrival, RecordKey } from "@sluice/record";
import { MAX_DEAD_LETTER_BYTES } from "../limits.ts";

/** A change or an event that could not be applied, with all that is needed to see why and to mend it. */
export type DeadLetter = {
  readonly id: string;
  readonly at: string;
  readonly destination: string;
  readonly object: string;
  /** Null: the mapping could not even say which record is meant. */
  readonly key: RecordKey | null;
  readonly reason: { readonly code: string; readonly message: string };
  /** The ids of the events whose values the letter holds, with their sources. */
  readonly events: readonly { readonly source: string; readonly id: string }[];
  /** The change that was refused, or the mapping's expression and the event that it failed on. */
  readonly change?: unknown;
  readonly mapping?: { readonly place: string; readonly expression: string };
  readonly event?: unknown;
  /** The arrival of `event`, and the run in which it was mapped: a replay keeps the arrival and has the next run. */
  readonly arrival?: Arrival;
  readonly run?: number;
  readonly request?: unknown;
  readonly response?: unknown;
  readonly attempts?: number;
  /** Why parts of the letter are missing. */
  readonly cut?: string;
  /** The row of the history in which the whole letter stands. */
  readonly row?: string;
};

export function readDeadLetter(text: string): DeadLetter {
  return JSON.parse(text) as DeadLetter;
}

/** @param isShort leaves out the exchange, and the values, which stand with the record: there is no room for more */
export function writeDeadLetter(letter: DeadLetter, isShort = false): string {
  const whole = JSON.stringify(letter);
  if (!isShort && Buffer.byteLength(whole) <= MAX_DEAD_LETTER_BYTES) return whole;
  return JSON.stringify({
    ...withoutExchange(letter),
    cut: isShort
      ? "the dead letters of its source have no room for the exchange: `sluice record show` has the values"
      : `the event and the exchange were longer than ${MAX_DEAD_LETTER_BYTES} bytes`,
  });
}

/** The letter of a record as it stays in Redis when all of it stands in a row of the history; null: there is nothing to be left out. */
export function shortenDeadLetter(letter: DeadLetter, row: string): string | null {
  const { event, request, response, change } = letter;
  if ([event, request, response, change].every((part) => part === undefined)) return null;
  const cut =
    "the history has the exchange: `sluice dead show` asks the console for it; `sluice record show` has the values";
  return JSON.stringify({ ...withoutExchange(letter), cut, row });
}

function withoutExchange(letter: DeadLetter): DeadLetter {
  const { event: _event, request: _request, response: _response, change: _change, ...rest } = letter;
  return rest;
}
