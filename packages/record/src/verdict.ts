import type { Answer, AnswerText } from "./answer.ts";

/** The consequence of an answer. `health`: the report to the breaker. */
export type Verdict =
  /** `superseded`: nothing was written, since the destination holds something newer. */
  | { readonly kind: "settle"; readonly health: "good"; readonly superseded?: true }
  | {
      readonly kind: "retry";
      readonly health: "bad" | "unheard";
      readonly delayMs: number;
      readonly holdMs: number;
      readonly reason: string;
      /** False: the write counts as no attempt, and never is the last one. */
      readonly spent: boolean;
      /** The record's next token is higher than this one. */
      readonly newestToken?: string;
      /** The write that was sent may still land: at a destination that checks no tokens the next write waits until it no longer can. */
      readonly unsettled: boolean;
    }
  /** The destination is held. `holdMs` null: until somebody resumes it, or until the credentials change. */
  | {
      readonly kind: "hold";
      readonly health: "unheard";
      readonly holdMs: number | null;
      readonly reason: "rate_limit" | "credentials" | "stopped";
    }
  /** The object takes no record: records of other objects go on. */
  | ({ readonly kind: "holdObject"; readonly health: "unheard"; readonly pauseMs: number } & AnswerText)
  /** The record becomes a dead letter. `names`: its refused parts, where they are told. `all`: the whole record is given up, good parts too. */
  | ({
      readonly kind: "bury";
      readonly health: "bad" | "unheard";
      readonly names: readonly string[];
      readonly all: boolean;
    } & AnswerText);

export type RetryPolicy = {
  /** The number of conflicts that makes a record a dead letter. Failures by the destination's fault, or of unknown end, do not count. */
  readonly maxAttempts: number;
  /** The time after the first failed attempt, a hold not counted, at which the record is a dead letter whatever failed. */
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

/** The hold for a used-up quota whose answer names no time, and the shortest hold, where it names a useless time such as 0. */
const RATE_LIMIT_HOLD_MS = 30_000;
const SHORTEST_RATE_LIMIT_HOLD_MS = 1000;

/** The hold of a destination or an object that takes no record at all; then a request tries again. */
const STOP_HOLD_MS = 60_000;

/** The record's own history of failing, and chance (0 ≤ random < 1). */
export type Failing = {
  /** Attempts that failed before this one. */
  readonly attempts: number;
  /** The time since the first failed attempt, or since the last hold ended. */
  readonly failingForMs: number;
  readonly random: number;
};

/** The verdict on an answer: the whole table of docs/design.md §6. */
export function decide(answer: Answer, failing: Failing, policy: RetryPolicy = DEFAULT_RETRY): Verdict {
  switch (answer.kind) {
    case "done":
    case "gone":
      return { kind: "settle", health: "good" };
    case "superseded":
      return { kind: "settle", health: "good", superseded: true };
    case "record":
    case "split": {
      const names = answer.kind === "record" ? (answer.names ?? []) : [];
      return { kind: "bury", health: "unheard", code: answer.code, message: answer.message, names, all: false };
    }
    case "again":
      if (answer.newestToken !== undefined || answer.counts === false) return once(answer, failing.random, policy);
      return retry(answer, { health: "unheard", holdMs: 0, waits: 0 }, failing, policy);
    case "slow": {
      const holdMs = Math.max(answer.forMs ?? RATE_LIMIT_HOLD_MS, SHORTEST_RATE_LIMIT_HOLD_MS);
      return { kind: "hold", health: "unheard", holdMs, reason: "rate_limit" };
    }
    case "down":
      return retry(answer, { health: "bad", holdMs: answer.forMs, waits: failing.attempts }, failing, policy);
    case "unknown":
      return retry(answer, { health: "bad", holdMs: 0, waits: failing.attempts }, failing, policy);
    case "credentials":
      return { kind: "hold", health: "unheard", holdMs: answer.againMs, reason: "credentials" };
    case "stop":
      if (answer.scope === "object") {
        const { code, message } = answer;
        return { kind: "holdObject", health: "unheard", pauseMs: STOP_HOLD_MS, code, message };
      }
      return { kind: "hold", health: "unheard", holdMs: STOP_HOLD_MS, reason: "stopped" };
    default:
      return answer satisfies never;
  }
}

function retry(
  { kind, code, message }: AnswerText & Pick<Answer, "kind">,
  { health, holdMs, waits }: { readonly health: "bad" | "unheard"; readonly holdMs: number; readonly waits: number },
  { attempts, failingForMs, random }: Failing,
  policy: RetryPolicy,
): Verdict {
  if (kind === "again" && attempts + 1 >= policy.maxAttempts) {
    return { kind: "bury", health, code, message: `${message}, after ${attempts + 1} attempts`, names: [], all: true };
  }
  if (failingForMs >= policy.deadlineMs) {
    const told = `${message}, for longer than the deadline for retries`;
    return { kind: "bury", health, code, message: told, names: [], all: true };
  }
  const delayMs = retryDelayMs(random, waits, policy);
  return { kind: "retry", health, delayMs, holdMs, reason: code, spent: true, unsettled: kind === "unknown" };
}

/** The retry after an answer that says nothing against the record, such as one about a token that went back with Redis or its clock. */
function once({ code, newestToken }: Extract<Answer, { kind: "again" }>, random: number, policy: RetryPolicy): Verdict {
  const retried = {
    kind: "retry",
    health: "unheard",
    holdMs: 0,
    reason: code,
    spent: false,
    unsettled: false,
  } as const;
  const delayMs = retryDelayMs(random, 0, policy);
  return { ...retried, delayMs, ...(newestToken === undefined ? {} : { newestToken }) };
}

/** Exponential with full jitter: anything from 1 ms to the bound, so that a burst of failures spreads out. */
function retryDelayMs(random: number, attempts: number, policy: RetryPolicy): number {
  return Math.max(1, Math.round(random * longestWaitMs(attempts, policy)));
}

/** The longest wait after a failure before which `attempts` had failed. */
export function longestWaitMs(attempts: number, { firstDelayMs, longestDelayMs }: RetryPolicy): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempts, 30));
}
