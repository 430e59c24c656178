import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";
import { describeError } from "@sluice/runtime";
import { inject } from "vitest";
import { readSettings } from "../packages/cli/src/environment.ts";
import { createProgram } from "../packages/cli/src/program.ts";
import { startSluice } from "./sluice-process.ts";

/** A command that has ended. */
export type Ended = {
  readonly code: number | NodeJS.Signals;
  /** All that it printed, progress and errors too. */
  readonly output: string;
  /** Standard output alone: the part that a pipe would carry on. */
  readonly printed: string;
};

type Env = Readonly<Record<string, string>>;

/** Words with further commands below them. */
const GROUPS: ReadonlySet<string> = new Set(["config", "dead", "record"]);

/**
 * Runs a command as an operator types it. The first of its kind in a run of the tests is a process of its own, which shows that the process
 * ends and how; a process costs up to a second of processor time, so later ones run in this one.
 */
export async function runCommand(words: readonly string[], env: Env): Promise<Ended> {
  const kind = words.slice(0, GROUPS.has(words[0] ?? "") ? 2 : 1).join(" ");
  if (!isFirst(kind)) return await inThisProcess(words, env);
  const { child, output } = startSluice(words, env);
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => (printed += String(chunk)));
  const [code, by] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code: code ?? by ?? 0, output: output(), printed };
}

/** Files are run by several processes at a time: a folder is made by one of them alone. */
function isFirst(kind: string): boolean {
  try {
    mkdirSync(join(inject("folder"), `command ${kind}`));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** The output of a command that runs here; several may run at a time. */
const printing = new AsyncLocalStorage<(text: string, to: "stdout" | "stderr") => void>();

/** Runs a command as main.ts does, but for signals: a command that ends by itself waits for none. */
async function inThisProcess(words: readonly string[], env: Env): Promise<Ended> {
  let output = "";
  let printed = "";
  const release = listen();
  const code = await printing.run(
    (text, to) => {
      output += text;
      if (to === "stdout") printed += text;
    },
    async () => {
      try {
        const program = await createProgram(async () => shellOf(env), words);
        await program.parseAsync(words, { from: "user" });
        return 0;
      } catch (error) {
        if (error instanceof Exit) return error.code;
        console.error(describeError(error));
        return 1;
      }
    },
  );
  release();
  return { code, output, printed };
}

function shellOf(env: Env): Parameters<typeof createProgram>[0] extends () => Promise<infer Shell> ? Shell : never {
  return {
    settings: (config) =>
      readSettings({ ...process.env, ...env, ...(config === undefined ? {} : { SLUICE_CONFIG: config }) }),
    onSignal() {},
    stopOnSignal() {
      throw new Error("a role is a process of its own");
    },
    exit(code) {
      throw new Exit(code);
    },
  };
}

let listeners = 0;
let restore = (): void => {};

/** While commands run here, their output goes to them; all other output goes where it went. */
function listen(): () => void {
  if (listeners === 0) {
    const { log, error } = console;
    const { stderr } = process;
    const write = stderr.write.bind(stderr);
    const print =
      (to: "stdout" | "stderr", otherwise: typeof log): typeof log =>
      (...words) => {
        const take = printing.getStore();
        if (take === undefined) otherwise(...words);
        else take(`${format(...words)}\n`, to);
      };
    console.log = print("stdout", log);
    console.error = print("stderr", error);
    stderr.write = (text: string, ...rest: []) => {
      const take = printing.getStore();
      if (take === undefined) return write(text, ...rest);
      take(text, "stderr");
      return true;
    };
    restore = () => {
      console.log = log;
      console.error = error;
      stderr.write = write;
    };
  }
  listeners += 1;
  return () => {
    listeners -= 1;
    if (listeners === 0) restore();
  };
}
