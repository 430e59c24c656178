/** What a destination said to a write, or that it said nothing. */
export type Answer =
  | {
      readonly kind: "reply";
      readonly status: number;
      readonly retryAfterSeconds?: number | undefined;
      /** The code in the error envelope, e.g. `RecordNotFound`. */
      readonly errorCode?: string | undefined;
      readonly errorText?: string | undefined;
    }
  /** Network error or deadline: whether the write was carried out is not known. */
  | { readonly kind: "silence"; readonly code: string; readonly message: string };

/** What follows from an answer. `health` is what the breaker hears of it. */
export type Verdict =
  | { readonly kind: "settle"; readonly health: "good" }
  | {
      readonly kind: "retry";
      readonly health: "bad" | "unheard";
      readonly delayMs: number;
      readonly holdMs: number;
      readonly reason: string;
    }
  /** `holdMs` null: until somebody resumes it, or until the credentials are others. */
  | {
      readonly kind: "hold";
      readonly health: "unheard";
      readonly holdMs: number | null;
      readonly reason: "rate_limit" | "credentials";
    }
  | {
      readonly kind: "bury";
      readonly health: "bad" | "unheard";
      readonly code: string;
      readonly message: string;
    };

export type RetryPolicy = {
  /** After this many failed attempts, or this long after the first of them without a hold, the record is a dead letter. */
  readonly maxAttempts: number;
  readonly deadlineMs: number;
  /** The longest wait after the first failure; it doubles with each, up to `longestDelayMs`. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
};

export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 20,
  deadlineMs: 24 * 3_600_000,
  firstDelayMs: 500,
  longestDelayMs: 60_000,
};

/** Where a 429 names no time; and where it names none that is worth the name, such as 0. */
const RATE_LIMIT_HOLD_MS = 30_000;
const SHORTEST_RATE_LIMIT_HOLD_MS = 1000;

/** The record's own history of failing, and chance (0 ≤ random < 1). */
export type Failing = {
  /** Attempts that failed before this one. */
  readonly attempts: number;
  /** Since the first of them, or since the last hold ended. */
  readonly failingForMs: number;
  readonly random: number;
};

/** DESIGN §4, the whole table. */
export function decide(
  effect: "fields" | "delete",
  answer: Answer,
  failing: Failing,
  policy: RetryPolicy = DEFAULT_RETRY,
): Verdict {
  if (answer.kind === "silence") return retry("bad", answer.code, answer.message, 0, failing, policy);
  const { status, errorCode, errorText } = answer;
  const retryAfterMs = (answer.retryAfterSeconds ?? 0) * 1000;
  const code = errorCode ?? `status_${status}`;
  const message = errorText ?? `the destination answered ${status}`;
  if (status >= 200 && status < 300) return { kind: "settle", health: "good" };
  // What is to be gone is gone; whether the record or its object is missing makes no difference to that.
  if (status === 404 && effect === "delete" && code === "RecordNotFound") return { kind: "settle", health: "good" };
  if (status === 429 || errorCode === "TooManyJobs") {
    const saidMs = answer.retryAfterSeconds === undefined ? RATE_LIMIT_HOLD_MS : retryAfterMs;
    const holdMs = Math.max(saidMs, SHORTEST_RATE_LIMIT_HOLD_MS);
    return { kind: "hold", health: "unheard", holdMs, reason: "rate_limit" };
  }
  if (status === 401 || status === 403) {
    return { kind: "hold", health: "unheard", holdMs: null, reason: "credentials" };
  }
  if (status === 409) return retry("unheard", code, message, 0, { ...failing, attempts: 0 }, policy, failing.attempts);
  if (status === 503) return retry("bad", code, message, retryAfterMs, failing, policy);
  if (status >= 500 || status === 408 || status < 400) return retry("bad", code, message, 0, failing, policy);
  return { kind: "bury", health: "unheard", code, message };
}

function retry(
  health: "bad" | "unheard",
  code: string,
  message: string,
  holdMs: number,
  failing: Failing,
  policy: RetryPolicy,
  attempts = failing.attempts,
): Verdict {
  if (attempts + 1 >= policy.maxAttempts) {
    return { kind: "bury", health, code, message: `${message}, after ${attempts + 1} attempts` };
  }
  if (failing.failingForMs >= policy.deadlineMs) {
    return { kind: "bury", health, code, message: `${message}, for longer than the deadline for retries` };
  }
  return { kind: "retry", health, delayMs: retryDelayMs(failing, policy), holdMs, reason: code };
}

/** Exponential with full jitter: anything from 1 ms to the bound, so that a burst of failures spreads out. */
function retryDelayMs({ attempts, random }: Failing, policy: RetryPolicy): number {
  return Math.max(1, Math.round(random * longestWaitMs(attempts, policy)));
}

/** The longest wait after a failure before which `attempts` had failed. */
export function longestWaitMs(attempts: number, { firstDelayMs, longestDelayMs }: RetryPolicy): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempts, 30));
}
