import type { LetterName } from "./letter-names.ts";

/** A dead letter in the history. Its text is the letter as Redis had it, JSON. */
export type FiledLetter = {
  readonly row: string;
  readonly day: string;
  readonly id: string;
  /** When it was kept (µs), and its time (ms). */
  readonly micros: number;
  readonly atMs: number;
  readonly destination: string;
  readonly text: string;
};

/** A letter without its text, for whoever chooses many. `destination`: a hash, see `hashedName`. */
export type FiledLetterName = Pick<FiledLetter, "row" | "id" | "atMs"> & { readonly destination: string };

/** Filed letters that are meant: each name that is given must be the letter's, its time within the bounds. */
export type FiledLetterFilter = Partial<Readonly<Record<LetterName, string>>> & {
  readonly destinations?: readonly string[];
  /** The id of a cause. */
  readonly cause?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
};

/** Redis' side, by which rows count. `left`: good though the history may not know it. `back`: not any more. `ids`: Redis has these letters. */
export type FiledStanding = {
  readonly left: readonly string[];
  readonly back: readonly string[];
  readonly ids: readonly string[];
};

/** The letters of one cause and source. `newest`: the letter that is newest by its time. */
export type FiledGroup = {
  readonly cause: string;
  readonly letters: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly newest: FiledLetter;
};

/** A page goes by when letters were kept, or by their times. `before`: behind this one, the newest first. */
export type FiledPageAsked = {
  readonly by: "kept" | "at";
  readonly before: { readonly value: number; readonly id: string } | null;
  readonly limit: number;
};
