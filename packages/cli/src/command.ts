import type { Command } from "commander";
import type { Shutdown } from "@sluice/runtime";
import type { Settings } from "./environment.ts";

/** The process as a command may use it: main.ts alone knows the environment and the signals. */
export type Shell = {
  /** The settings from the environment; `config` is the command's own `--config`, if it was given. */
  settings(config: string | undefined): Settings;
  /** Calls `end` at the first signal, and ends the process at once at the second. */
  onSignal(end: () => void): void;
  /** Stops the parts at the first signal, and ends the process at once at the second. */
  stopOnSignal(shutdown: Shutdown): void;
  /** Ends the process with this code once the output is out. */
  exit(code: number): never;
};

/** One row of `sluice --help`: adds its command, or group of commands, to the program. */
export type AddCommand = (program: Command, shell: Shell) => void;

/** The option that most commands have. */
export const CONFIG_OPTION = ["--config <file>", "the configuration (SLUICE_CONFIG, sluice.yaml)"] as const;
