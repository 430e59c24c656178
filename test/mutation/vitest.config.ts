import { defineConfig } from "vitest/config";

/** Tests of the pure rules alone, which need no server: they run for every mutant. */
export default defineConfig({
  test: {
    include: ["packages/record/src/**/*.test.ts"],
    env: { SLUICE_TEST_SEED: "1", SLUICE_TEST_RUNS: "1" },
    setupFiles: ["test/seed.ts"],
    isolate: false,
    restoreMocks: true,
    testTimeout: 600_000,
  },
});
