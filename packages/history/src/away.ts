import type { Database } from "@sluice/runtime";

/** The history's database does not answer, or refuses what it is asked for now. Faults of a statement of ours are none of these. */
export class HistoryAwayError extends Error {
  readonly code = "history_away";
  readonly hint = "The live views and the flow go on: try again.";

  constructor(cause: unknown) {
    super("the history's database does not answer", { cause });
    this.name = "HistoryAwayError";
  }
}

/** A database whose statements, where they fail for no fault of ours, fail with `HistoryAwayError`: for reading. */
export function readable<Opened extends Database>(database: Opened): Opened {
  return {
    ...database,
    async query(...asked) {
      try {
        return await database.query(...asked);
      } catch (error) {
        throw awayUnlessOurs(error);
      }
    },
  };
}

/** SQL states of a statement that is wrong, whatever the database's health: data (22), constraints (23), syntax and names (42). */
const OURS = /^(?:22|23|42)[0-9A-Z]{3}$/;

/** The error itself where a program of ours made it; otherwise the database is away. */
export function awayUnlessOurs(error: unknown): unknown {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) return error;
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && OURS.test(code) ? error : new HistoryAwayError(error);
}
