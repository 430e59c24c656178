import type { Result } from "./check.ts";

const MARKS = { passed: "✓", failed: "✗", "not applicable": "–" } as const;

/** A row for each check, and the observation where one failed. */
export function tableOf(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ check }) => check.says.length));
  return results
    .map(({ check: { id, says, basis }, outcome, reason }) => {
      const row = `${MARKS[outcome]} ${id}  ${says.padEnd(width)}  ${basis.padEnd(10)}  ${outcome}`;
      return reason === undefined ? row.trimEnd() : `${row}\n          ${reason}`;
    })
    .join("\n");
}

/** The number of checks by outcome, and the meaning of a difference. */
export function summaryOf(results: readonly Result[]): string {
  const count = (outcome: Result["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  const rulings = results.filter(({ check, outcome }) => outcome === "failed" && check.basis === "ruling");
  const lines = [`${count("passed")} passed, ${count("failed")} failed, ${count("not applicable")} not applicable.`];
  if (rulings.length > 0) {
    lines.push(`Rulings that this API decides otherwise: ${rulings.map(({ check }) => check.id).join(", ")}.`);
  }
  return lines.join("\n");
}

/** The results for programs: one member for each check. */
export function jsonOf(results: readonly Result[]): string {
  const rows = results.map(({ check: { id, says, basis }, outcome, reason }) => ({ id, says, basis, outcome, reason }));
  return JSON.stringify(rows, null, 2);
}
