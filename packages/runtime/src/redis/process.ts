import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Environment } from "./command.ts";
import { removeEndpoint, writeEndpoint } from "./endpoint.ts";
import { FILE_SHORTENED, readShortened } from "./file-shortened.ts";
import { cutBeforeStart } from "./half-transaction.ts";
import { inquirePatiently } from "./inquiry.ts";
import {
  LOG_FILE,
  freePort,
  newPassword,
  writeServerConfiguration,
  type NotPossible,
  type PrivateServer,
} from "./private-server.ts";
import type { RedisProgram } from "./program.ts";

export type ProcessOptions = { readonly directory: string; readonly env: Environment; readonly log: Log };

/**
 * Runs a server program on the directory. If the server dies by itself it is started again, at the same
 * address, with its data; meanwhile the door answers 503.
 */
export async function runProcess(program: RedisProgram, options: ProcessOptions): Promise<PrivateServer | NotPossible> {
  let reason = "";
  for (let attempt = 0; attempt < LIMITS.redisPortAttempts; attempt += 1) {
    const port = await freePort();
    const started = await start(program, port, options);
    if ("stop" in started) return started;
    reason = started.reason;
    if (!/address already in use/i.test(reason)) break;
  }
  return { reason: `${program.title} (${program.path}) did not start: ${reason}` };
}

async function start(
  program: RedisProgram,
  port: number,
  { directory, env, log }: ProcessOptions,
): Promise<PrivateServer | NotPossible> {
  const password = newPassword();
  const logfile = join(directory, LOG_FILE);
  rmSync(logfile, { force: true });
  const file = writeServerConfiguration(directory, { directory, bind: "127.0.0.1", port, password, logfile });
  const url = `redis://:${password}@127.0.0.1:${port}/0`;
  writeEndpoint({ directory, url, program: program.title });

  let stopping = false;
  let cutHere = 0;
  let cutByServer = 0;
  /** Logs each start of this server with less of its file than there was, once. */
  const lookAtFile = (): void => {
    const cuts = readShortened(whole(logfile));
    for (const cut of cuts.slice(cutByServer)) log.error(cut, FILE_SHORTENED);
    cutByServer = cuts.length;
  };
  const cutFile = async (): Promise<void> => {
    if ((await cutBeforeStart(directory, log)) !== null) cutHere += 1;
  };
  await cutFile();
  let child = spawnServer(program, file, directory, env);
  const ready = await answered(child, url);
  if (ready) lookAtFile();
  if (!ready) {
    child.kill("SIGKILL");
    removeEndpoint(directory);
    return { reason: lastLines(logfile) };
  }

  const guard = async (): Promise<void> => {
    for (;;) {
      const [code, signal] = (await exitOf(child)) as [number | null, NodeJS.Signals | null];
      if (stopping) return;
      log.error({ code, signal, log: lastLines(logfile) }, "the private Redis ended by itself and is started again");
      await delay(LIMITS.redisRestartDelayMs);
      await cutFile();
      if (stopping) return;
      child = spawnServer(program, file, directory, env);
      if (await answered(child, url)) lookAtFile();
    }
  };
  const guarded = guard();
  return {
    url,
    program: `${program.title} (${program.path})`,
    fileShortened: () => cutHere + cutByServer,
    async stop() {
      stopping = true;
      // The server ends by writing out its file; every answered write is on the disk anyway, so being killed costs nothing.
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), LIMITS.redisStopDeadlineMs);
      await guarded;
      clearTimeout(timer);
      removeEndpoint(directory);
    },
  };
}

function spawnServer(program: RedisProgram, file: string, directory: string, env: Environment): ChildProcess {
  return spawn(program.path, [file], {
    argv0: program.argv0,
    cwd: directory,
    // The server is in a process group of its own: Ctrl-C reaches every process of the terminal's group, and Redis must be the last to go.
    detached: true,
    // A locale that is not installed would make the server refuse to start.
    env: { PATH: env["PATH"], LC_ALL: "C" },
    stdio: "ignore",
  });
}

/** Whether the server came up; false as soon as it has ended. */
async function answered(child: ChildProcess, url: string): Promise<boolean> {
  let ended = false;
  child.once("exit", () => (ended = true));
  child.once("error", () => (ended = true));
  return inquirePatiently(
    url,
    LIMITS.redisLoadDeadlineMs,
    async () => true,
    () => ended,
  ).catch(() => false);
}

async function exitOf(child: ChildProcess): Promise<unknown[]> {
  if (child.exitCode !== null || child.signalCode !== null) return [child.exitCode, child.signalCode];
  // A program that can't be started, such as one that is being replaced, emits an error and no exit.
  return once(child, "exit").catch(() => [null, null]);
}

function lastLines(logfile: string): string {
  return whole(logfile).trim().split("\n").slice(-3).join(" / ") || "it left no log";
}

function whole(logfile: string): string {
  try {
    return readFileSync(logfile, "utf8");
  } catch {
    return "";
  }
}
