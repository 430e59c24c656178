import type { ImportTally } from "./import-records.ts";

const BAR_CELLS = 24;

/** A bar, the number of rows, the speed and the time left. `elapsedMs` is this run's. */
export function describeImport(tally: ImportTally, elapsedMs: number): string {
  const { written, rejected, offset, bytes, startedAt, doneBefore } = tally;
  const seconds = Math.max(elapsedMs / 1000, 0.001);
  const bytesPerSecond = (offset - startedAt) / seconds;
  const left = bytesPerSecond > 0 ? `${durationText((bytes - offset) / bytesPerSecond)} left` : "";
  const rows = `${countText(written)} written${rejected > 0 ? `, ${countText(rejected)} rejected` : ""}`;
  const rate = `${countText(Math.round((written + rejected - doneBefore) / seconds))}/s`;
  return [bar(bytes === 0 ? 1 : offset / bytes), rows, rate, left].filter((part) => part !== "").join("  ");
}

export function describeExport(written: number, total: number, elapsedMs: number): string {
  const rate = written / Math.max(elapsedMs / 1000, 0.001);
  const left = written < total && rate > 0 ? `${durationText((total - written) / rate)} left` : "";
  const rows = `${countText(written)} of ${countText(Math.max(total, written))}`;
  return [bar(total === 0 ? 1 : written / total), rows, `${countText(Math.round(rate))}/s`, left]
    .filter((part) => part !== "")
    .join("  ");
}

export function countText(number: number): string {
  return number.toLocaleString("en");
}

export function bar(share: number): string {
  const full = Math.round(Math.min(share, 1) * BAR_CELLS);
  return `${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)} ${String(Math.floor(Math.min(share, 1) * 100)).padStart(3)} %`;
}

export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
