import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";
import { V8_OPTIONS } from "./test/v8-options.ts";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "services/**/*.test.ts", "infra/**/*.test.ts", "test/**/*.test.ts"],
    // One Redis, and one Postgres where there is one, for the whole run.
    globalSetup: ["test/servers.ts"],
    // The same on every machine: `pnpm test:long` is where other seeds are tried.
    // SLUICE_TEST_RUNS is how many times as many histories of a lane are made up there.
    env: {
      SLUICE_TEST_SEED: process.env["SLUICE_TEST_SEED"] ?? "1",
      SLUICE_TEST_RUNS: process.env["SLUICE_TEST_RUNS"] ?? "1",
    },
    setupFiles: ["test/seed.ts"],
    reporters: ["default", "./test/closing-line.ts"],
    // Six at a time, for two cores: those that start processes wait for most of their time.
    maxWorkers: 6,
    sequence: { sequencer: LongestFirst },
    // Tests of one file that run beside one another: they wait for most of their time.
    maxConcurrency: 8,
    // A process for each file costs a second of processor time, most of it to load the same modules again. Files share
    // nothing but modules: no test leaves a mock, a variable of the environment or a server behind.
    isolate: false,
    execArgv: [...V8_OPTIONS],
    restoreMocks: true,
    // Only what will never come ends by these: a busy machine takes twenty times as long as a quiet one.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
