import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs the package manager of this tree, and yields its standard output, whatever its exit code is. */
export function pnpm(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const ran = spawnSync(`${ROOT}node_modules/.bin/pnpm`, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    timeout: 120_000,
  });
  if (ran.error !== undefined) throw ran.error;
  return ran.stdout;
}
