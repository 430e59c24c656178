import { findDeadLetter, type Fleet } from "@sluice/operator";
import type { DeadLetter, DeadLetterPosition } from "@sluice/queue";
import { SluiceError } from "@sluice/runtime";

/** @throws SluiceError `dead_letter_unknown` */
export async function requireDeadLetter(fleet: Fleet, id: string): Promise<DeadLetter> {
  const letter = await findDeadLetter(fleet, id);
  if (letter !== null) return letter;
  throw new SluiceError(`There is no dead letter ${id}`, {
    code: "dead_letter_unknown",
    hint: "it may have healed or been replayed meanwhile: `sluice dead list` shows those that are",
  });
}

/** A letter's place, as `dead list` prints it when there are more, and as `--after` takes it. */
export function placeText({ micros, id }: DeadLetterPosition): string {
  return `${micros}:${id}`;
}

/** @throws SluiceError `option_invalid` */
export function readListPosition(text: string): DeadLetterPosition {
  const [, micros, id] = /^(\d{1,16}):(.+)$/s.exec(text) ?? [];
  if (micros !== undefined && id !== undefined) return { micros: Number(micros), id };
  throw new SluiceError(`--after is ${JSON.stringify(text)}`, {
    code: "option_invalid",
    hint: "give what `sluice dead list` printed behind `more:`",
  });
}
