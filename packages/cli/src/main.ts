import { Command } from "commander";
import { describeError, onStopSignal } from "@sluice/runtime";
import type { AddCommand, Shell } from "./command.ts";
import { auditCommand } from "./commands/audit.ts";
import { configCommands } from "./commands/config.ts";
import { deadCommands } from "./commands/dead.ts";
import { holdCommands } from "./commands/hold.ts";
import { recordsCommands } from "./commands/records.ts";
import { roleCommands } from "./commands/roles.ts";
import { schemesCommand } from "./commands/schemes.ts";
import { upCommand } from "./commands/up.ts";
import { readSettings } from "./environment.ts";

/** In the order of `sluice --help`. */
const COMMANDS: readonly AddCommand[] = [
  upCommand,
  roleCommands,
  recordsCommands,
  auditCommand,
  deadCommands,
  holdCommands,
  schemesCommand,
  configCommands,
];

const shell: Shell = {
  settings: (config) => readSettings(config === undefined ? process.env : { ...process.env, SLUICE_CONFIG: config }),
  stopOnSignal(shutdown) {
    const stop = (): void => {
      console.error("\nStopping: what is under way ends first; once more to end at once.");
      void shutdown.stop().then((ok) => process.exit(ok ? 0 : 1));
    };
    onStopSignal(stop, () => process.exit(130));
    // The process that started this one with a channel is gone: nobody could end this one any more.
    process.on("disconnect", stop);
  },
  exit: (code) => process.exit(code),
};

const program = new Command("sluice")
  .description("ERP and CRM webhooks in, converged records out")
  .showHelpAfterError()
  .configureHelp({ sortSubcommands: false });
for (const add of COMMANDS) add(program, shell);

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeError(error));
  if (process.env["SLUICE_LOG"] === "debug") console.error(error);
  process.exit(1);
}
