import type { HistoryDatabase } from "../store/connection.ts";
import { letterDaysOf } from "../store/days.ts";
import type {
  FiledGroup,
  FiledLetter,
  FiledLetterFilter,
  FiledLetterName,
  FiledPageAsked,
  FiledStanding,
} from "./filed-letter.ts";
import { chooseLetters, groupLetters, lettersOf, pageOfLetters, restOfLetter } from "./read-letters.ts";
import {
  makeLetterDay,
  olderLetters,
  renameLetters,
  settleFilings,
  writeLetters,
  type FilingBatch,
  type LetterToWrite,
  type Written,
} from "./write-letters.ts";

/**
 * Dead letters that left Redis, in rows of their own by the day on which they did, with whose dropping they go. Redis says which rows
 * count where the two differ. @throws HistoryAwayError
 */
export type HistoryLetters = {
  write(of: FilingBatch, letters: readonly LetterToWrite[]): Promise<Written>;
  settle(of: FilingBatch, filing: string | null, left: readonly string[]): Promise<void>;
  older(ids: readonly string[]): Promise<Written["older"]>;
  forget(rows: readonly string[]): Promise<void>;
  days(): Promise<readonly string[]>;
  rename(from: string, to: string, causeOf: (letter: string) => string): Promise<number>;

  page(filter: FiledLetterFilter, standing: FiledStanding, asked: FiledPageAsked): Promise<FiledLetterPage>;
  choose(filter: FiledLetterFilter, standing: FiledStanding, most: number): Promise<readonly FiledLetterName[]>;
  groups(filter: FiledLetterFilter, standing: FiledStanding): Promise<FiledLetterGroups>;
  /** Letters with this id, the newest first. */
  named(id: string, standing: Omit<FiledStanding, "ids">): Promise<readonly FiledLetter[]>;
  /** The whole letter of which Redis has the short one. */
  rest(id: string, row: string): Promise<FiledLetter | null>;
};

/** `next`: the place behind which the next page begins; null: there is none. */
export type FiledLetterPage = { readonly letters: readonly FiledLetter[]; readonly next: FiledPageAsked["before"] };
/** The largest groups; `letters` counts all. */
export type FiledLetterGroups = { readonly groups: readonly FiledGroup[]; readonly letters: number };

export function createHistoryLetters(database: () => Promise<HistoryDatabase>, nowMs: () => number): HistoryLetters {
  return {
    async write(of, letters) {
      const on = await database();
      return await writeLetters(on, of, letters, await makeLetterDay(on, nowMs()));
    },
    settle: async (of, filing, left) => await settleFilings(await database(), of, filing, left),
    older: async (ids) => await olderLetters(await database(), ids),
    async forget(rows) {
      if (rows.length === 0) return;
      const on = await database();
      await on.query("delete from sluice_history.dead_letters where number = any($1::int8[])", [rows]);
    },
    days: async () => await letterDaysOf(await database()),
    rename: async (from, to, causeOf) => await renameLetters(await database(), from, to, causeOf),
    page: async (filter, standing, asked) => await pageOfLetters(await database(), filter, standing, asked),
    choose: async (filter, standing, most) => await chooseLetters(await database(), filter, standing, most),
    groups: async (filter, standing) => await groupLetters(await database(), filter, standing),
    named: async (id, standing) => await lettersOf(await database(), id, standing),
    rest: async (id, row) => await restOfLetter(await database(), id, row),
  };
}
