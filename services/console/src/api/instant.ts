import { Fault } from "./fault.ts";

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A time of a query: RFC 3339, or how long ago (30m, 2h, 7d). Milliseconds since 1970; undefined where none is given.
 * @throws Fault `query_invalid`
 */
export function instantOf(name: string, text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const ago = /^(\d{1,9})([smhd])$/.exec(text);
  if (ago !== null) return nowMs - Number(ago[1]) * UNITS_MS[ago[2] as keyof typeof UNITS_MS];
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(at)) return at;
  throw new Fault("query_invalid", `${name}: give an RFC 3339 time, or how long ago: 30m, 2h, 7d`);
}
