/** The quota that the destination names. */
export type RateLimit = {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window starts anew. */
  readonly resetSeconds?: number;
};

/** Header values by lower-case name. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Reads the `X-Rate-Limit` pair or the `ratelimit` trio (§4.2); where both are there, the one with less left. */
export function readRateLimit(headers: ReplyHeaders): RateLimit | undefined {
  const candidates = [
    rateLimitOf(headers["ratelimit-limit"], headers["ratelimit-remaining"], headers["ratelimit-reset"]),
    rateLimitOf(headers["x-rate-limit"], headers["x-rate-limit-remaining"], undefined),
  ].filter((candidate) => candidate !== undefined);
  return candidates.toSorted((a, b) => a.remaining - b.remaining)[0];
}

/**
 * `Retry-After` as seconds from the answer, given either as seconds or as an HTTP date. A date counts from the answer's own
 * `Date`, so that neither clock need be right. A year or more is no time to wait: some servers write a time since 1970 there.
 */
export function readRetryAfterSeconds(headers: ReplyHeaders, nowMs: number): number | undefined {
  const text = single(headers["retry-after"])?.trim() ?? "";
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : secondsUntil(text, timeOf(headers["date"]) ?? nowMs);
  return seconds === undefined || seconds >= YEAR_SECONDS ? undefined : seconds;
}

const YEAR_SECONDS = 365 * 86_400;

function secondsUntil(date: string, fromMs: number): number | undefined {
  const atMs = timeOf(date);
  return atMs === undefined ? undefined : Math.max(0, Math.ceil((atMs - fromMs) / 1_000));
}

/** The time of an HTTP date. `Date.parse` alone takes almost anything that has a digit for a time. */
function timeOf(date: Value): number | undefined {
  const text = single(date) ?? "";
  const atMs = /\d\d:\d\d:\d\d/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

type Value = string | string[] | undefined;

function rateLimitOf(limit: Value, remaining: Value, reset: Value): RateLimit | undefined {
  const limitNumber = countOf(limit);
  const remainingNumber = countOf(remaining);
  // A limit of 0 would hold everything for ever; a server that means it answers 429.
  if (!limitNumber || remainingNumber === undefined) return undefined;
  const resetSeconds = countOf(reset);
  return {
    limit: limitNumber,
    remaining: remainingNumber,
    ...(resetSeconds === undefined ? {} : { resetSeconds }),
  };
}

function countOf(value: Value): number | undefined {
  const text = single(value)?.trim();
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function single(value: Value): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
