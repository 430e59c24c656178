import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

export type CommandResult = { readonly ok: boolean; readonly output: string };

export type CommandOptions = {
  readonly env: Environment;
  readonly deadlineMs: number;
  /** The name that the program sees as its own. */
  readonly argv0?: string;
};

/** Runs a program to its end, without a terminal. Never rejects: the reason of a failure is in `output`. */
export function command(
  program: string,
  args: readonly string[],
  { env, deadlineMs, argv0 = program }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(program, args, {
      argv0,
      // Messages are read by this program, so they come in one language.
      env: { ...env, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: deadlineMs,
      killSignal: "SIGKILL",
    });
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error) => resolve({ ok: false, output: error.message }));
    child.once("close", (code, signal) => {
      const late = signal === "SIGKILL" ? ` (stopped after ${deadlineMs} ms)` : "";
      resolve({ ok: code === 0, output: output.trim() + late });
    });
  });
}

/** The place of the first program of this name on the PATH. */
export function onPath(name: string, env: Environment): string | undefined {
  return (env["PATH"] ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, name))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
