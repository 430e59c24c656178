import type { Stamp } from "@sluice/record";

/** Versions are whole numbers or times; a number of microseconds that could be a time of this age is shown as one. */
export function shownVersion({ version }: Pick<Stamp, "version">): string {
  const isTime = version > 100_000_000_000_000n && version < 10_000_000_000_000_000n;
  return isTime ? new Date(Number(version / 1000n)).toISOString() : String(version);
}
