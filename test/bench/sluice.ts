import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../sluice-process.ts";
import type { Running, Surroundings } from "./contestants.ts";
import { SECRET } from "./event.ts";
import { temporaryFolder } from "./folder.ts";
import { CHILD_START_DEADLINE_MS, CHILD_STOP_DEADLINE_MS } from "./limits.ts";
import type { Tree } from "./tree.ts";

const MAIN = "packages/cli/src/main.ts";
const SAID_CHARACTERS = 4000;

/** One role of a tree's Sluice in a process of its own, as its users start it. */
export async function startSluice(
  tree: Tree,
  role: "ingress" | "worker" | "console",
  surroundings: Surroundings,
): Promise<Running> {
  const port = await freePort();
  const dataDir = temporaryFolder();
  const { nodeOptions } = surroundings;
  const child = spawn(process.execPath, [...nodeOptions, MAIN, role, "--config", configurationOf(surroundings)], {
    cwd: tree.directory,
    env: {
      ...environmentOf(surroundings),
      SLUICE_DATA_DIR: dataDir,
      [`SLUICE_${role.toUpperCase()}_PORT`]: String(port),
    },
    // Lines are logged as Sluice does by default, and thrown away: their cost is part of the measure.
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + String(chunk)).slice(-SAID_CHARACTERS)));
  const ended = once(child, "exit");
  const endWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", endWithUs);
  const stop = async (): Promise<void> => {
    const force = setTimeout(endWithUs, CHILD_STOP_DEADLINE_MS);
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
    clearTimeout(force);
    process.removeListener("exit", endWithUs);
    rmSync(dataDir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + CHILD_START_DEADLINE_MS;
  while (!(await answers(`${url}/readyz`))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`sluice ${role} of ${tree.name} did not become ready: ${said}`);
    }
    await wait(25);
  }
  return { url, pid: child.pid!, stop };
}

/** Runs any other command of a tree's Sluice to its end. */
export async function runSluice(tree: Tree, words: readonly string[], surroundings: Surroundings): Promise<void> {
  const command = [MAIN, ...words, "--config", configurationOf(surroundings)];
  await promisify(execFile)(process.execPath, command, { cwd: tree.directory, env: environmentOf(surroundings) });
}

function configurationOf({ configuration }: Surroundings): string {
  return fileURLToPath(new URL(`contestants/${configuration}`, import.meta.url));
}

function environmentOf({ redisUrl, destinationUrl, neighbourUrl = "", environment }: Surroundings): NodeJS.ProcessEnv {
  return {
    ...process.env,
    SLUICE_REDIS_URL: redisUrl,
    BENCH_SECRET: SECRET,
    BENCH_DESTINATION_URL: destinationUrl,
    BENCH_NEIGHBOUR_URL: neighbourUrl,
    ...environment,
  };
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
