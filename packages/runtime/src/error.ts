/** The facts that every error of ours carries besides its message. */
export type ErrorFacts = {
  /** A stable word in snake_case: callers and documentation go by it. */
  readonly code: string;
  /** The next step for the person who reads the error. */
  readonly hint?: string;
  readonly cause?: unknown;
};

/** An error that a person can act on: what went wrong, and what to do next. */
export class SluiceError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = facts.code;
    this.hint = facts.hint;
  }
}

/**
 * An error as the lines that a person sees: the message, its causes, the next step. Any error will
 * do; an error with `hint` (ours, also those of packages that don't import this one) says more.
 */
export function describeError(error: unknown): string {
  const lines = [messageOf(error)];
  let cause = error instanceof Error ? error.cause : undefined;
  for (let depth = 0; cause !== undefined && depth < 5; depth += 1) {
    lines.push(`  because: ${messageOf(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  const hint = hintOf(error);
  if (hint !== undefined) lines.push(`  next: ${hint}`);
  return lines.join("\n");
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    // Node gives an AggregateError, without a message, when every address of a host name refused.
    return error.errors.map(messageOf).join("; ");
  }
  return error instanceof Error ? error.message : String(error);
}

function hintOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("hint" in error)) return undefined;
  return typeof error.hint === "string" ? error.hint : undefined;
}
