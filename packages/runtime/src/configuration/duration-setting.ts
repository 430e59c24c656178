import { z } from "zod";
import { DURATION_PATTERN, durationMs } from "./quantity.ts";

/** A setting such as `30d`, in milliseconds. */
export function duration(fallback: string, description: string) {
  return z
    .string()
    .regex(DURATION_PATTERN, "must be a number and a unit: ms, s, m, h, d, w")
    .default(fallback)
    .transform(durationMs)
    .describe(description);
}
