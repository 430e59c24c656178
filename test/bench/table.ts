import { median } from "./quantile.ts";
import type { Finding } from "./row.ts";

/** Ratios are taken within a round, whose contestants ran within the same minute; shown are their median and their range. */
export function renderTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ ratio, target, today, now, medians }) => [
    ratio,
    target,
    today === null ? "1" : inWords(today),
    inWords(now),
    medians,
  ]);
  const lines = [["", "target", "today", "now", "medians"], ...rows];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const rule = widths.map((width) => "-".repeat(width));
  return [lines[0]!, rule, ...lines.slice(1)]
    .map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`)
    .join("\n");
}

function inWords(ratios: readonly number[]): string {
  if (ratios.length === 0) return "-";
  const middle = written(median(ratios));
  if (ratios.length === 1) return middle;
  return `${middle} (${written(Math.min(...ratios))}-${written(Math.max(...ratios))})`;
}

function written(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0);
}
