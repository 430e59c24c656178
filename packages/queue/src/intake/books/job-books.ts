import type { MappedEvent } from "@sluice/record";
import type { DeadLetter } from "../../dead-letters/dead-letter.ts";
import type { Merged } from "../../merging/merging.ts";
import { deadLetterOfWebhook, type IntakeFault } from "../intake-dead-letters.ts";
import { RESULTS, type Result } from "./numbers.ts";
import { keptType } from "./seen-types.ts";
import type { IntakeWebhook } from "../webhook.ts";

/** One webhook with its ends, or its fault. */
export type UnderstoodWebhook =
  | { readonly webhook: IntakeWebhook; readonly words: readonly Merged[]; readonly types: readonly string[] }
  | { readonly webhook: IntakeWebhook; readonly fault: IntakeFault };

/** The entries of a job in the books. */
export type JobBooks = {
  readonly letters: readonly DeadLetter[];
  readonly counts: ReadonlyMap<string, number>;
  /** By source and type: how many events ended in each of the results. */
  readonly types: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
  readonly webhooks: number;
  readonly told: readonly { readonly session: number; readonly number: number; readonly words: readonly Merged[] }[];
};

/** @param atMs the time in the letters: the same at every try, so that a second try keeps the same letter */
export function booksOf(understood: readonly UnderstoodWebhook[], atMs: number): JobBooks {
  const letters: DeadLetter[] = [];
  const counts = new Map<string, number>();
  const types = new Map<string, Map<string, number[]>>();
  const told: { session: number; number: number; words: readonly Merged[] }[] = [];
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const each of understood) {
    const { webhook } = each;
    const { source, arrival, wait: number } = webhook;
    const words: readonly Merged[] = "words" in each ? each.words : webhook.ids.map(() => "dead" as const);
    if ("fault" in each) letters.push(deadLetterOfWebhook(webhook, each.fault, atMs));
    const ofSource = types.get(source) ?? new Map<string, number[]>();
    types.set(source, ofSource);
    for (const [index, word] of words.entries()) {
      count(`understood:${source}`);
      count(`${RESULT_OF[word]}:${source}`);
      if ("fault" in each) continue;
      const ended = ofSource.get(each.types[index]!) ?? RESULTS.map(() => 0);
      ended[RESULTS.indexOf(RESULT_OF[word])]! += 1;
      ofSource.set(each.types[index]!, ended);
    }
    if (number !== null) told.push({ session: arrival.session, number, words });
  }
  return { letters, counts, types, webhooks: understood.length, told };
}

export function typesOf(events: readonly MappedEvent[]): readonly string[] {
  return events.map(({ event }) => keptType(event.type));
}

const RESULT_OF = {
  accepted: "made",
  superseded: "made",
  duplicate: "duplicate",
  ignored: "ignored",
  dead: "dead",
} as const satisfies Record<Merged, Result>;
