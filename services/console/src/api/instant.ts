import { readTimeOrAge } from "@sluice/operator";
import { Fault } from "./fault.ts";

/**
 * A time of a query: RFC 3339, or how long ago (30m, 2h, 7d). Milliseconds since 1970; undefined where none is given.
 * @throws Fault `query_invalid`
 */
export function instantOf(name: string, text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const atMs = readTimeOrAge(text, nowMs);
  if (atMs !== null) return atMs;
  throw new Fault("query_invalid", `${name}: give an RFC 3339 time, or how long ago: 30m, 2h, 7d`);
}
