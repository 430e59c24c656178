/** The limits of `sluice tail`. */
export const LIMITS = {
  /** How often the console is asked. */
  askEveryMs: 1_000,
  /** How far behind the newest event is looked: an event that the history gets later than this is not shown. */
  windowMs: 30_000,
  /** How long an event that has not ended is waited for before it is shown as pending. */
  patienceMs: 5_000,
  /** Pages of 200 that are asked for at a time: what is more is left out, and told. */
  pages: 10,
  pageEvents: 200,
  /** How long a console that does not answer is waited for. */
  awayMs: 60_000,
} as const;
