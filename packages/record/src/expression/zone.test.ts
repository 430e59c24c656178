import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const TIMES = [
  "2026-03-08T02:30:00",
  "2026-03-08T02:30:00.25",
  "2026-03-08",
  "2026",
  "2026-07-01T00:00:00+02:00",
  "2026.5",
];

function millisIn(zone: string): string {
  const program = `
    import { compileExpression, evaluate } from ${JSON.stringify(new URL("./expression.ts", import.meta.url).href)};
    const times = ${JSON.stringify(TIMES)};
    const texts = [...times.map((time) => "$toMillis('" + time + "')"), "$toMillis('3/8/2026 02:30', '[M]/[D]/[Y] [H]:[m]')", "$fromMillis(0)"];
    console.log(JSON.stringify(await Promise.all(texts.map((text) => evaluate(compileExpression(text, "here", []), {}, 0)))));
  `;
  const env = { PATH: process.env["PATH"] ?? "", TZ: zone };
  return execFileSync(process.execPath, ["--input-type=module", "--eval", program], { env, encoding: "utf8" });
}

test("a time without a zone is UTC, whatever zone the machine is in", () => {
  const inUtc = millisIn("UTC");
  expect(JSON.parse(inUtc)).toEqual(
    expect.arrayContaining([Date.UTC(2026, 2, 8, 2, 30), Date.UTC(2026, 2, 8, 2, 30, 0, 250)]),
  );
  // At 02:30 of that day clocks in New York went an hour ahead.
  expect(millisIn("America/New_York")).toBe(inUtc);
});
