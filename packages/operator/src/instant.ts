const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A time as people write it: RFC 3339, or how long ago (30m, 2h, 7d).
 * @param nowMs the time that `2h` is counted back from, milliseconds since 1970
 * @returns milliseconds since 1970; null: the text is no time
 */
export function readTimeOrAge(text: string, nowMs: number): number | null {
  const ago = /^(\d{1,9})([smhd])$/.exec(text);
  if (ago !== null) return nowMs - Number(ago[1]) * UNITS_MS[ago[2] as keyof typeof UNITS_MS];
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? null : at;
}
