import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "services/**/*.test.ts", "infra/**/*.test.ts", "test/**/*.test.ts"],
    // One Redis, and one Postgres where there is one, for the whole run.
    globalSetup: ["test/servers.ts"],
    reporters: ["default", "./test/closing-line.ts"],
    // Two files at a time: some of them start processes, and a small machine is where this must pass.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
