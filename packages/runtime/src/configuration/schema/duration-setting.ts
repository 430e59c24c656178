import { z } from "zod";
import { DURATION_PATTERN, durationMs } from "./quantity.ts";

const written = z.string().regex(DURATION_PATTERN, "must be a number and a unit: ms, s, m, h, d, w");

/** A setting such as `30d`, in milliseconds. */
export function durationSetting(fallback: string, description: string) {
  return written.default(fallback).transform(durationMs).describe(description);
}

/** The same where nothing stands in for it. */
export function optionalDuration(description: string) {
  return written.transform(durationMs).optional().describe(description);
}
