import { defineConfig } from "vitest/config";

const named = process.env["MUTATION_TESTS"]?.split(" ");

/** The tests that run for every change: those of the pure rules, which need no server, or those that are named. */
export default defineConfig({
  test: {
    include: named ?? ["packages/record/src/**/*.test.ts"],
    globalSetup: named === undefined ? [] : ["test/servers.ts"],
    env: { SLUICE_TEST_SEED: "1", SLUICE_TEST_RUNS: "1" },
    setupFiles: ["test/seed.ts", "test/mutation/no-shrinking.ts"],
    isolate: false,
    restoreMocks: true,
    testTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
