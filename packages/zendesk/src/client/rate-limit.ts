/** What the destination says about its quota. */
export type RateLimit = {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window starts anew. */
  readonly resetSeconds?: number;
};

/** Header values by lower-case name. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Reads the `X-Rate-Limit` pair or the `ratelimit` trio (§4.2); of both, the one with less left. */
export function readRateLimit(headers: ReplyHeaders): RateLimit | undefined {
  const candidates = [
    rateLimitOf(headers["ratelimit-limit"], headers["ratelimit-remaining"], headers["ratelimit-reset"]),
    rateLimitOf(headers["x-rate-limit"], headers["x-rate-limit-remaining"], undefined),
  ].filter((candidate) => candidate !== undefined);
  return candidates.toSorted((a, b) => a.remaining - b.remaining)[0];
}

/** `Retry-After` as seconds from now, given either as seconds or as an HTTP date. */
export function readRetryAfterSeconds(headers: ReplyHeaders, nowMs: number): number | undefined {
  const text = single(headers["retry-after"])?.trim();
  if (text === undefined || text === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - nowMs) / 1_000));
}

type Value = string | string[] | undefined;

function rateLimitOf(limit: Value, remaining: Value, reset: Value): RateLimit | undefined {
  const limitNumber = countOf(limit);
  const remainingNumber = countOf(remaining);
  if (limitNumber === undefined || remainingNumber === undefined) return undefined;
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
