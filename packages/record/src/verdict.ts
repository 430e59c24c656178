import type { Answer, Said } from "./answer.ts";

/** What follows from an answer. `health` is what the breaker hears of it. */
export type Verdict =
  /** `superseded`: nothing was written, for something newer stands there. */
  | { readonly kind: "settle"; readonly health: "good"; readonly superseded?: true }
  | {
      readonly kind: "retry";
      readonly health: "bad" | "unheard";
      readonly delayMs: number;
      readonly holdMs: number;
      readonly reason: string;
      /** False: it is no attempt, and never the last one. */
      readonly spent: boolean;
      /** The record's next token is higher than this one. */
      readonly newestToken?: string;
      /** The write that was sent may still land: at a destination that checks no token the next one waits for that. */
      readonly unsettled: boolean;
    }
  /** `holdMs` null: until somebody resumes it, or until the credentials are others. */
  | {
      readonly kind: "hold";
      readonly health: "unheard";
      readonly holdMs: number | null;
      readonly reason: "rate_limit" | "credentials" | "stopped";
    }
  /** The object takes no record: those of others go on. */
  | ({ readonly kind: "holdObject"; readonly health: "unheard"; readonly pauseMs: number } & Said)
  /** `names`: what of it is refused, where that is told. `all`: it is given up as a whole, whatever of it may be good. */
  | ({
      readonly kind: "bury";
      readonly health: "bad" | "unheard";
      readonly names: readonly string[];
      readonly all: boolean;
    } & Said);

export type RetryPolicy = {
  /** So many conflicts make a record a dead letter. What is the destination's fault, or not known, is no reason to give it up by. */
  readonly maxAttempts: number;
  /** So long after the first failed attempt, a hold not counted, the record is a dead letter whatever failed. */
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

/** Where a quota that is used up names no time; and where it names none that is worth the name, such as 0. */
const RATE_LIMIT_HOLD_MS = 30_000;
const SHORTEST_RATE_LIMIT_HOLD_MS = 1000;

/** After this it is tried whether a destination that took no record at all does now. */
const STOP_HOLD_MS = 60_000;

/** The record's own history of failing, and chance (0 ≤ random < 1). */
export type Failing = {
  /** Attempts that failed before this one. */
  readonly attempts: number;
  /** Since the first of them, or since the last hold ended. */
  readonly failingForMs: number;
  readonly random: number;
};

/** The whole table of docs/design.md §6. */
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
  { kind, code, message }: Said & Pick<Answer, "kind">,
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

/** It says nothing against the record, such as a token that went back with Sluice's Redis, or with that one's clock. */
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
