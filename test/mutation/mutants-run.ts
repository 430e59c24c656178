import { basename, join } from "node:path";
import { BaseSequencer, createVitest, type TestSpecification } from "vitest/node";

/* Runs the files that `lua.ts` made, one for each change, and tells it which test failed in each, or null. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
  }
}

const vitest = await createVitest({
  config: join(process.cwd(), "test/mutation/vitest.config.ts"),
  watch: false,
  maxWorkers: 1,
  testTimeout: 120_000,
  sequence: { sequencer: ByName },
  reporters: [
    {
      onTestModuleEnd(module) {
        const [failed] = module.children.allTests("failed");
        const failure = failed?.fullName ?? (module.ok() ? null : (module.errors()[0]?.message ?? "not run"));
        process.send!({ name: basename(module.moduleId), failure });
      },
    },
  ],
});
await vitest.start();
await vitest.close();
process.exit();
