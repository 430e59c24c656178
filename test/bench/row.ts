import type { Tree } from "./tree.ts";

/** A part of the benchmark, which can be run alone. */
export type Row = {
  readonly name: string;
  readonly title: string;
  /** Without it the row is run only when it is named. */
  readonly always: boolean;
  measure(bench: Bench): Promise<Report>;
};

/** The settings that rows are given. */
export type Bench = {
  /** The release that the present tree is measured beside. */
  today(): Tree;
  /** The rounds of each row; undefined: the row's own number. */
  readonly rounds: number | undefined;
  /** The items that bytes are measured over; undefined: the row's own number. */
  readonly events: number | undefined;
  /** Options for Node.js, for profiles. */
  readonly nodeOptions: readonly string[];
  /** Tells people who watch. */
  progress(text: string): void;
};

/** One line of the table that is printed in the end. */
export type Finding = {
  readonly ratio: string;
  readonly target: string;
  /** A ratio for each round; null where it is a ratio to today's. */
  readonly today: readonly number[] | null;
  readonly now: readonly number[];
  /** The medians that the ratio is of. */
  readonly medians: string;
};

export type Report = { readonly findings: readonly Finding[]; readonly notes?: readonly string[] };
