import { isObject } from "@sluice/event";
import type { Reply } from "./reply.ts";

/** A short-lived OAuth access token, with the times that say when to replace it, in ms since 1970. */
export type AccessToken = { readonly value: string; readonly madeAtMs: number; readonly endsAtMs: number | null };

/** A token is replaced this long before its end, or when a tenth of a shorter life is left. */
const RENEW_AHEAD_MS = 60_000;

/** A refused token is replaced at most this often, unless it was good before. */
const REPLACE_EVERY_MS = 10_000;

/** Whether the next token is to be fetched before anything is sent with this one. */
export function isSpent({ madeAtMs, endsAtMs }: AccessToken, nowMs: number): boolean {
  if (endsAtMs === null) return false;
  return nowMs >= endsAtMs - Math.min(RENEW_AHEAD_MS, (endsAtMs - madeAtMs) / 10);
}

/** The facts of a refused request. `lastReplacedMs`: when this process last replaced a refused token. */
export type RefusalFacts = {
  readonly status: number;
  readonly wasGood: boolean;
  readonly lastReplacedMs: number;
  readonly nowMs: number;
};

/**
 * Whether a refusal is a reason to fetch the next token: one refresh, not one for each request. A 401 to a token that was
 * good before means that it ended or was revoked. A 403 is seldom the token's fault, but some scopes give a token that
 * may do nothing; the next one, made a moment later, would be no better.
 */
export function isWorthReplacing(
  { madeAtMs }: AccessToken,
  { status, wasGood, lastReplacedMs, nowMs }: RefusalFacts,
): boolean {
  if (status === 401 && wasGood) return true;
  if (nowMs - lastReplacedMs < REPLACE_EVERY_MS) return false;
  return status === 401 || nowMs - madeAtMs >= REPLACE_EVERY_MS;
}

/** The token in an answer to the client_credentials grant (RFC 6749 §5.1); undefined: the answer has none. */
export function readAccessToken({ status, body }: Reply, nowMs: number): AccessToken | undefined {
  if (status < 200 || status > 299 || !isObject(body)) return undefined;
  const { access_token: value, expires_in: seconds } = body;
  if (typeof value !== "string" || value === "") return undefined;
  // Some servers write the number as text.
  const lifeMs = Number(seconds) * 1000;
  return { value, madeAtMs: nowMs, endsAtMs: lifeMs > 0 ? nowMs + lifeMs : null };
}
