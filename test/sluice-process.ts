import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { layEmptyPostgres } from "./empty-postgres.ts";
import { V8_OPTIONS } from "./v8-options.ts";

/** `sluice …` as a process of its own, as its users run it. */
export type SluiceProcess = {
  readonly child: ChildProcess;
  /** The end of the process' output. */
  output(): string;
  /** Resolves when `/readyz` says so; rejects with the output if the process ends before. */
  ready(port: number, deadlineMs?: number): Promise<void>;
  /** Resolves when it ends by itself, with the exit code or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals>;
  /** @returns the exit code, or the signal that ended it */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
};

const KEPT_CHARACTERS = 100_000;
/** Commands that open the embedded Postgres. */
const STORES: ReadonlySet<string> = new Set(["up", "records"]);
const ROOT = fileURLToPath(new URL("..", import.meta.url));

export type StartOptions = {
  /** Another checkout, whose Sluice is started. */
  readonly tree?: string | undefined;
  /** A program with its arguments that starts Sluice, such as `OWN_PIDS`. */
  readonly through?: readonly string[];
};

/** Starts what follows with pids of its own, as in a container. */
export const OWN_PIDS = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** Whether this system gives pids of their own to whoever asks. */
export function hasOwnPids(): boolean {
  const [program = "", ...options] = OWN_PIDS;
  return spawnSync(program, [...options, "true"]).status === 0;
}

export function startSluice(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { tree, through = [] }: StartOptions = {},
): SluiceProcess {
  const [role = ""] = args;
  if (STORES.has(role) && env["SLUICE_DATA_DIR"] !== undefined) layEmptyPostgres(env["SLUICE_DATA_DIR"]);
  const main = tree === undefined ? "packages/cli/sluice.mjs" : "packages/cli/src/main.ts";
  const [program = "", ...words] = [...through, process.execPath, ...V8_OPTIONS, main, ...args];
  const child = spawn(program, words, {
    cwd: tree ?? ROOT,
    // Several Sluices run at once, and most tests ask the console nothing.
    env: { ...process.env, SLUICE_CONSOLE_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (said = (said + String(chunk)).slice(-KEPT_CHARACTERS)));
  }
  const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    child,
    output: () => said,
    async ready(port, deadlineMs = 300_000) {
      const end = performance.now() + deadlineMs;
      while (performance.now() < end) {
        if (child.exitCode !== null) throw new Error(`sluice ${args.join(" ")} ended with ${child.exitCode}:\n${said}`);
        const ok = await fetch(`http://127.0.0.1:${port}/readyz`).then(
          (response) => response.ok,
          () => false,
        );
        if (ok) return;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`sluice ${args.join(" ")} was not ready after ${deadlineMs} ms:\n${said}`);
    },
    async ended() {
      const [code, by] = await ended;
      return code ?? by ?? 0;
    },
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const [code, by] = await ended;
      return code ?? by ?? 0;
    },
  };
}

/**
 * Ports that a process of the run gives away: nobody else's, or another file's Sluice would take one before its own listens on it. A server of
 * a Redis Cluster also takes the one 10,000 above, which is nobody's either.
 */
const PORTS = 1000;
const FIRST_PORT = 10_000 + (Number(process.env["VITEST_POOL_ID"] ?? 0) % 10) * PORTS;
let given = randomInt(PORTS);

/**
 * A port for a process that is told which to take. It lies below those that the kernel hands out by itself: any of these may be
 * in use, for a connection or another test's server, by the time that the process listens.
 */
export async function freePort(): Promise<number> {
  given += 1;
  const port = FIRST_PORT + (given % PORTS);
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (!listens) return await freePort();
  server.close();
  await once(server, "close");
  return port;
}
