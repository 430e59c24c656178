import type { TimestampUnit } from "../scheme.ts";
import { readInstant } from "../time.ts";
import type { VerifyReason } from "../verification/verdict.ts";

/** The fault of a signed time that is unreadable, or further from now than the sender's rule allows. */
export function faultOfTime(
  { unit, toleranceSec }: { readonly unit: TimestampUnit; readonly toleranceSec: number },
  text: string,
  nowMs: number,
): VerifyReason | undefined {
  const instant = readInstant(text, unit);
  if (instant === undefined) return "timestamp_unreadable";
  // Against a time in whole seconds the clock is read in whole seconds, as the reference libraries do.
  const comparableNowMs = unit === "s" ? Math.floor(nowMs / 1_000) * 1_000 : nowMs;
  if (comparableNowMs - instant.ms > toleranceSec * 1_000) return "timestamp_stale";
  if (instant.ms - comparableNowMs > toleranceSec * 1_000) return "timestamp_ahead";
  return undefined;
}
