import type { DeadLetter, DeadLetterPosition, PositionedDeadLetter } from "@sluice/queue";
import type { DeadLetterFilter } from "../filter.ts";

/** Dead letters that stand in the history, as whoever lists them or acts on them needs them. */
export type FiledLetters = {
  /** The letters that a filter means, the newest first by when they were kept. @throws where the history can't be asked */
  newest(filter: DeadLetterFilter, after?: DeadLetterPosition): AsyncIterable<PositionedDeadLetter>;
  find(id: string): Promise<DeadLetter | null>;
  /** The whole of a letter of which Redis has the short one; null: the day is dropped. */
  rest(letter: DeadLetter): Promise<DeadLetter | null>;
  /** Brings a letter back to Redis, for an act on it: for a minute it does not leave again. @returns whether there was one */
  bringBack(id: string): Promise<boolean>;
};
