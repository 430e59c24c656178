import type { Reporter, TestModule } from "vitest/node";

/** Ends the run's output with `N passed, N failed`, the line that machines read. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    // A file that could not be read at all, and an error outside of every test, fail the run too.
    const broken = modules.filter((module) => module.state() === "failed" && module.children.size === 0).length;
    const skipped = count("skipped");
    const failed = count("failed") + broken + unhandled.length;
    const notRun = skipped > 0 ? `${skipped} skipped: each says why.\n` : "";
    const line = `${notRun}${count("passed")} passed, ${failed} failed`;
    // Other reporters print their summary after this hook: the closing line comes when all is said.
    process.once("exit", () => process.stdout.write(`${line}\n`));
  }
}
