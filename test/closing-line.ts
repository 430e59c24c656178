import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Ends the run's output with the tests that were not tried, and why, and then `N passed, N failed, N skipped`, the line that machines
 * read.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    // A file that could not be read at all, and an error outside of every test, fail the run too.
    const broken = modules.filter((module) => module.state() === "failed" && module.children.size === 0).length;
    const skipped = count("skipped");
    const failed = count("failed") + broken + unhandled.length;
    const lines = [
      ...untried(modules),
      ...reasons(tests).map(([reason, places]) => `${places.length} skipped: ${reason}`),
      `${count("passed")} passed, ${failed} failed, ${skipped} skipped`,
    ];
    // Other reporters print their summary after this hook: the closing lines come when all is said.
    process.once("exit", () => process.stdout.write(`${lines.join("\n")}\n`));
  }
}

/** Why tests were skipped. The reason of a test that was left out on purpose, by a filter or in the file itself, is its file. */
function reasons(tests: readonly TestCase[]): [reason: string, tests: TestCase[]][] {
  const skipped = tests.filter((test) => test.result().state === "skipped");
  return [...Map.groupBy(skipped, (test) => noteOf(test) ?? `left out in ${test.module.relativeModuleId}`)];
}

function noteOf(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === "skipped" ? result.note : undefined;
}

/** A note where tests were tried with one of two Postgres drivers alone. */
function untried([first]: readonly TestModule[]): string[] {
  if (first === undefined || first.project.getProvidedContext().databaseUrl !== null) return [];
  return [
    "No Postgres server: what a store needs was tried on the embedded one alone. SLUICE_TEST_DATABASE_URL names one, or Docker with its image brings it.",
  ];
}
