import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/*
 * `pnpm test:long`: all tests with seeds that nobody has tried, and more requests made up; then the clients that generators make, the vendors' large libraries, the release before and this one
 * side by side, and the long chaos. The run ends at the first failure, and says how to repeat it.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    rounds: { type: "string", default: "3" },
    "fuzz-requests": { type: "string", default: "100000" },
    minutes: { type: "string", default: "20" },
  },
});
const ROOT = fileURLToPath(new URL("..", import.meta.url));

for (let round = 0; round < Number(values.rounds); round += 1) {
  const seed = String(Number(values.seed) + round);
  await run(["node_modules/vitest/vitest.mjs", "run"], {
    SLUICE_TEST_SEED: seed,
    SLUICE_TEST_RUNS: "4",
    SLUICE_TEST_FUZZ_REQUESTS: values["fuzz-requests"],
  });
}
await run(["test/generators/main.ts"], {});
await run(["test/vendors/main.ts"], {});
await run(["test/upgrade/main.ts", "--seed", values.seed], {});
await run(["test/chaos/main.ts", "--seed", values.seed, "--minutes", values.minutes], {});
console.log(`Nothing was found. Again: pnpm test:long --seed ${values.seed} --rounds ${values.rounds}`);

async function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const command = [...assignments, "node", ...args].join(" ");
  console.log(`\n${command}`);
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code === 0) return;
  console.error(`\nThis failed. Again: ${command}`);
  process.exit(code ?? 1);
}
