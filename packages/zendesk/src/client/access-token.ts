import type { Reply } from "./reply.ts";

/** A short-lived OAuth access token, with what is needed to know when to replace it. Times in ms since 1970. */
export type AccessToken = { readonly value: string; readonly madeAtMs: number; readonly endsAtMs: number | null };

/** A token is replaced this long before its end, or when a tenth of a shorter life is left. */
const RENEW_AHEAD_MS = 60_000;

/** One that is refused sooner than this after it was made is no better than the next one would be. */
const YOUNG_MS = 10_000;

/** Whether to fetch the next one before sending anything with this one. */
export function isSpent({ madeAtMs, endsAtMs }: AccessToken, nowMs: number): boolean {
  if (endsAtMs === null) return false;
  return nowMs >= endsAtMs - Math.min(RENEW_AHEAD_MS, (endsAtMs - madeAtMs) / 10);
}

/**
 * Whether a refusal is a reason to fetch the next one: one refresh, not one for each request. A 401 to a token that was
 * good before means that it ended or was revoked. A 403 is seldom the token's fault, but some scopes give a token
 * that may do nothing.
 */
export function isWorthReplacing(
  { madeAtMs }: AccessToken,
  { status, wasGood, nowMs }: { readonly status: number; readonly wasGood: boolean; readonly nowMs: number },
): boolean {
  return (status === 401 && wasGood) || nowMs - madeAtMs >= YOUNG_MS;
}

/** The token in an answer of `/oauth/tokens` (§3); undefined: there is none. */
export function readAccessToken({ status, body }: Reply, nowMs: number): AccessToken | undefined {
  if (status < 200 || status > 299 || typeof body !== "object" || body === null) return undefined;
  const { access_token: value, expires_in: seconds } = body as Readonly<Record<string, unknown>>;
  if (typeof value !== "string" || value === "") return undefined;
  const lives = typeof seconds === "number" && seconds > 0;
  return { value, madeAtMs: nowMs, endsAtMs: lives ? nowMs + seconds * 1000 : null };
}
