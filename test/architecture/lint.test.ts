import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PLANTED = fileURLToPath(new URL("./planted/lint", import.meta.url));

type Report = { readonly diagnostics: readonly { readonly code: string; readonly filename: string }[] };

/** Which rules fired on which of the planted files, e.g. `no-cycle`. */
function fired(): ReadonlyMap<string, readonly string[]> {
  const oxlint = join(ROOT, "node_modules", ".bin", "oxlint");
  const { stdout } = spawnSync(oxlint, ["-c", join(PLANTED, "planted.oxlintrc.json"), "-f", "json", PLANTED], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const { diagnostics } = JSON.parse(stdout) as Report;
  const byFile = Map.groupBy(diagnostics, ({ filename }) => basename(filename, ".ts"));
  return new Map([...byFile].map(([file, found]) => [file, found.map(({ code }) => code.replace(/^.*\(|\)$/g, ""))]));
}

test("each planted file is caught by the rule that it is named for, so no rule has stopped working", () => {
  const rules = fired();
  for (const [file, found] of rules) expect(found, file).toContain(file.replace(/-other$/, ""));
  const structural = readFileSync(join(ROOT, ".oxlintrc.json"), "utf8");
  const planted = [
    ...["no-floating-promises", "no-misused-promises", "return-await", "only-throw-error"],
    ...["switch-exhaustiveness-check", "no-explicit-any", "consistent-type-imports"],
    ...["no-cycle", "no-default-export", "no-restricted-imports", "no-console", "no-process-env"],
    ...["no-focused-tests", "no-disabled-tests"],
  ];
  for (const rule of planted) {
    expect(structural).toMatch(new RegExp(`/${rule}": (\\[\\s*)?"error"`));
    expect([...rules.keys()], rule).toContain(rule);
  }
});
