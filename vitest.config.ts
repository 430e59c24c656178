import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "services/**/*.test.ts", "infra/**/*.test.ts", "test/**/*.test.ts"],
    // One Redis, and one Postgres where there is one, for the whole run.
    globalSetup: ["test/servers.ts"],
    // The same on every machine: `pnpm test:long` is where other seeds are tried.
    env: { SLUICE_TEST_SEED: process.env["SLUICE_TEST_SEED"] ?? "1" },
    setupFiles: ["test/seed.ts"],
    reporters: ["default", "./test/closing-line.ts"],
    // Two files at a time: some of them start processes, and a small machine is where this must pass.
    maxWorkers: 2,
    // Only what will never come ends by these: a busy machine takes twenty times as long as a quiet one.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
