import type { Contestant } from "./contestants.ts";
import type { Result, Shape } from "./round.ts";

/** A round: every contestant's result, by letter. */
export type Round = ReadonlyMap<Contestant["letter"], Result>;

type Column = { readonly head: string; readonly of: keyof Result; readonly digits: number; readonly ratio: boolean };

const COLUMNS: readonly Column[] = [
  { head: "accepted/s", of: "acceptedPerSecond", digits: 0, ratio: true },
  { head: "drained/s", of: "drainedPerSecond", digits: 0, ratio: true },
  { head: "calls", of: "calls", digits: 0, ratio: true },
  { head: "p50 ms", of: "p50Ms", digits: 1, ratio: true },
  { head: "p99 ms", of: "p99Ms", digits: 1, ratio: true },
  { head: "in flight", of: "maxInFlight", digits: 0, ratio: false },
  { head: "records wrong", of: "wrong", digits: 0, ratio: false },
];

/** The medians of all rounds, then Sluice's ratios: the median of the rounds' own ratios, and their range. */
export function renderTable(shape: Shape, contestants: readonly Contestant[], rounds: readonly Round[]): string {
  const medians = contestants.map(({ letter, title }) => [
    `(${letter}) ${title}`,
    ...COLUMNS.map(({ of, digits }) => median(valuesOf(rounds, letter, of))?.toFixed(digits) ?? "-"),
  ]);
  const compared = COLUMNS.filter(({ ratio }) => ratio);
  const ratios = (["a", "b"] as const).map((other) => [
    `(c) / (${other})`,
    ...compared.map(({ of }) => writeRatio(ratiosOf(rounds, other, of))),
  ]);
  return [
    `${shape.title}; medians of ${rounds.length} round(s)`,
    ...inColumns([["", ...COLUMNS.map(({ head }) => head)], ...medians]),
    "",
    ...inColumns([["", ...compared.map(({ head }) => head)], ...ratios]),
  ].join("\n");
}

function inColumns(lines: readonly (readonly string[])[]): readonly string[] {
  const widthOf = (column: number): number => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  return lines.map((line) =>
    line.map((cell, at) => (at === 0 ? cell.padEnd(widthOf(at)) : cell.padStart(widthOf(at)))).join("  "),
  );
}

function writeRatio(ratios: readonly number[]): string {
  const middle = median(ratios);
  if (middle === null) return "-";
  return `${middle.toFixed(2)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`;
}

/** A round's contestants ran within the same minute: their ratio suffers less from what else the machine did. */
function ratiosOf(rounds: readonly Round[], other: "a" | "b", of: keyof Result): readonly number[] {
  return rounds.flatMap((round) => {
    const [mine, theirs] = [round.get("c")?.[of] ?? null, round.get(other)?.[of] ?? null];
    return mine === null || theirs === null || theirs === 0 ? [] : [mine / theirs];
  });
}

function valuesOf(rounds: readonly Round[], letter: Contestant["letter"], of: keyof Result): readonly number[] {
  return rounds.flatMap((round) => {
    const value = round.get(letter)?.[of] ?? null;
    return value === null ? [] : [value];
  });
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
