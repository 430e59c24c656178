import type { RequestHandler, Response } from "express";
import type { Clock } from "@sluice/runtime";
import { ANSWERS, Refusal, type Plan } from "@sluice/zendesk";

/** An account's requests of this minute, and how they were spread since the start. */
export type RateLimiter = {
  readonly handler: RequestHandler;
  /** The number of requests that were counted, and of those that were refused. */
  readonly counted: number;
  readonly refused: number;
  /** The most requests that were counted within any 60 seconds, wherever those began. */
  readonly mostInAnyMinute: number;
};

export type RateLimitOptions = {
  readonly clock: Clock;
  /** The limits, which may change between requests. */
  readonly limits: () => Pick<Plan, "requestsPerMinute" | "incrementalExportsPerMinute">;
  /** Whether a 429 comes as plain text, as the vendor's older limiter sends it. */
  readonly inText: () => boolean;
};

const MINUTE_MS = 60_000;

/** The account's limit, with its headers on every answer, and the smaller one of incremental exports (§4.1, §4.2). */
export function rateLimit({ clock, limits, inText }: RateLimitOptions): RateLimiter {
  const account = window(clock);
  const exports = window(clock);
  const spread = slidingMost(clock);
  let refused = 0;

  function refuse(response: Response, retryAfterSeconds: number): void {
    refused += 1;
    response.set("Retry-After", String(retryAfterSeconds));
    const answer = ANSWERS.tooManyRequests(retryAfterSeconds);
    if (!inText()) throw new Refusal(answer);
    response.status(answer.status).type("text/plain").send(answer.body["description"]);
  }

  return {
    handler(request, response, next) {
      const { requestsPerMinute, incrementalExportsPerMinute } = limits();
      const all = account.take(requestsPerMinute);
      response.set({
        "X-Rate-Limit": String(requestsPerMinute),
        "X-Rate-Limit-Remaining": String(all.remaining),
        "ratelimit-limit": String(requestsPerMinute),
        "ratelimit-remaining": String(all.remaining),
        "ratelimit-reset": String(all.resetSeconds),
      });
      if (!all.taken) {
        refuse(response, all.resetSeconds);
        return;
      }
      spread.add();
      if (request.path.startsWith("/api/v2/incremental/")) {
        const one = exports.take(incrementalExportsPerMinute);
        response.set(
          "zendesk-ratelimit-incremental-exports",
          `total=${incrementalExportsPerMinute}; remaining=${one.remaining}; resets=${one.resetSeconds}`,
        );
        if (!one.taken) {
          refuse(response, one.resetSeconds);
          return;
        }
      }
      next();
    },
    get counted() {
      return spread.total;
    },
    get refused() {
      return refused;
    },
    get mostInAnyMinute() {
      return spread.most;
    },
  };
}

type Taken = { readonly taken: boolean; readonly remaining: number; readonly resetSeconds: number };

/** A minute that begins with its first request. */
function window(clock: Clock): { take(limit: number): Taken } {
  let endsMs = 0;
  let count = 0;
  return {
    take(limit) {
      const now = clock.nowMs();
      if (now >= endsMs) {
        endsMs = now + MINUTE_MS;
        count = 0;
      }
      const taken = count < limit;
      if (taken) count += 1;
      return {
        taken,
        remaining: Math.max(0, limit - count),
        resetSeconds: Math.max(1, Math.ceil((endsMs - now) / 1000)),
      };
    },
  };
}

/** Counts the requests of the fullest 60 seconds. */
function slidingMost(clock: Clock): { add(): void; readonly total: number; readonly most: number } {
  const times: number[] = [];
  let total = 0;
  let most = 0;
  return {
    add() {
      const now = clock.nowMs();
      total += 1;
      times.push(now);
      while (times[0]! <= now - MINUTE_MS) times.shift();
      most = Math.max(most, times.length);
    },
    get total() {
      return total;
    },
    get most() {
      return most;
    },
  };
}
