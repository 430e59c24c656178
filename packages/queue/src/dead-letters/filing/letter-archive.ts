/**
 * The history's side of filing, which the history has: letters in rows of Postgres. A row that was written counts for nobody until its
 * letter has left Redis.
 */
export type LetterArchive = {
  /**
   * Writes letters, all or none, each in a row of its own. @returns the number of this filing, the rows in the letters' order, and rows
   * of earlier letters with their ids
   */
  write(of: FilingOf, letters: readonly LetterToFile[]): Promise<WrittenLetters>;
  /**
   * Settles all filings of the keeper before a batch, and in it the one that is named: rows whose letters have left are good from now on, the
   * others are deleted.
   */
  settle(of: FilingOf, filing: string | null, left: readonly string[]): Promise<void>;
  /** Good rows of letters with these ids. */
  older(ids: readonly string[]): Promise<WrittenLetters["older"]>;
  /** Deletes rows. */
  forget(rows: readonly string[]): Promise<void>;
  /** The days that there are rows of, as `2026-11-29`, today's among them. */
  days(): Promise<readonly string[]>;
  /** Gives letters of one destination to another, with their cause there. */
  rename(from: string, to: string, causeOf: (letter: string) => string): Promise<number>;
};

/** The place that letters leave, and the batch in which they do. */
export type FilingOf = { readonly keeper: string; readonly batch: string };

export type LetterToFile = {
  readonly id: string;
  /** When it was kept; and its time, in ms. */
  readonly micros: number;
  readonly atMs: number;
  /** The letter stays in Redis without its heavy part. */
  readonly isRest: boolean;
  readonly names: {
    readonly destination: string;
    readonly object: string;
    /** The source whose room it takes; "" for none. */
    readonly source: string;
    readonly code: string;
    /** The key of its record; "" for none. */
    readonly key: string;
  };
  readonly cause: string;
  /** The letter as Redis has it. */
  readonly text: string;
};

export type WrittenLetters = {
  readonly filing: string;
  readonly day: string;
  readonly rows: readonly string[];
  readonly older: ReadonlyMap<string, readonly OlderRow[]>;
};

/** The row of an earlier letter, and when that was kept (µs). */
export type OlderRow = { readonly row: string; readonly day: string; readonly micros: string };
