import { readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SluiceError } from "../error.ts";
import { LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { command, type Environment } from "./command.ts";
import { removeContainer } from "./container.ts";
import { readEndpoint, removeEndpoint } from "./endpoint.ts";
import { PID_FILE } from "./private-server.ts";

/**
 * Ends the server that a killed Sluice left behind in this directory: two servers on the same files
 * would ruin them, and Redis itself does not prevent it. All that the server had answered is on the
 * disk, and the server ends by writing out the rest. No other Redis is touched: a process counts only if its pid is in
 * this directory's pid file and it works in this directory; a container, by the name made from the directory.
 * @throws SluiceError `redis_orphan`
 */
export async function endOrphan(directory: string, env: Environment, log: Log): Promise<void> {
  const container = readEndpoint(directory)?.container;
  if (container !== undefined) await removeContainer(container, env);
  const pid = await orphanPid(directory, env);
  if (pid !== undefined) {
    log.warn({ pid }, "stopping the private Redis that an earlier Sluice left behind");
    await endProcess(pid, directory, env);
  }
  rmSync(join(directory, PID_FILE), { force: true });
  removeEndpoint(directory);
}

async function endProcess(pid: number, directory: string, env: Environment): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    process.kill(pid, signal);
    const deadline = performance.now() + LIMITS.redisStopDeadlineMs;
    while (performance.now() < deadline) {
      if ((await orphanPid(directory, env)) === undefined) return;
      await delay(LIMITS.redisAskAgainMs);
    }
  }
  throw new SluiceError(`the private Redis of an earlier Sluice (pid ${pid}) does not stop`, {
    code: "redis_orphan",
    hint: `end process ${pid}, or choose another SLUICE_DATA_DIR`,
  });
}

/** The pid of the server that runs on this directory now. */
export async function orphanPid(directory: string, env: Environment): Promise<number | undefined> {
  const pid = recordedPid(directory);
  if (pid === undefined || !isAlive(pid)) return undefined;
  return (await worksIn(pid, directory, env)) ? pid : undefined;
}

function recordedPid(directory: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(directory, PID_FILE), "utf8").trim());
    // A server in a container calls itself 1.
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Pids are used again, so the process must also be at home in this directory (a server changes into it). */
async function worksIn(pid: number, directory: string, env: Environment): Promise<boolean> {
  if (process.platform === "linux") {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === directory;
    } catch {
      // The process is gone meanwhile, a zombie, or another user's.
      return false;
    }
  }
  const asked = await command("lsof", ["-a", "-p", String(pid), "-d", "cwd", "-Fn"], {
    env,
    deadlineMs: LIMITS.programAnswerDeadlineMs,
  });
  return asked.ok && asked.output.split("\n").includes(`n${directory}`);
}
