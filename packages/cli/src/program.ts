import { Command } from "commander";
import type { AddCommand, Shell } from "./command.ts";
import { auditCommand } from "./commands/audit.ts";
import { configCommands } from "./commands/config.ts";
import { deadCommands } from "./commands/dead.ts";
import { holdCommands } from "./commands/hold.ts";
import { recordCommands } from "./commands/record.ts";
import { recordsCommands } from "./commands/records.ts";
import { roleCommands } from "./commands/roles.ts";
import { schemesCommand } from "./commands/schemes.ts";
import { initCommand } from "./commands/init.ts";
import { sendCommand } from "./commands/send.ts";
import { tryCommand } from "./commands/try.ts";
import { upCommand } from "./commands/up.ts";

/** In the order of `sluice --help`. */
const COMMANDS: readonly AddCommand[] = [
  upCommand,
  roleCommands,
  recordsCommands,
  auditCommand,
  deadCommands,
  recordCommands,
  holdCommands,
  schemesCommand,
  initCommand,
  sendCommand,
  tryCommand,
  configCommands,
];

/** The whole command line; nothing of it runs before it is parsed. */
export function createProgram(shell: Shell): Command {
  const program = new Command("sluice")
    .description("ERP and CRM webhooks in, converged records out")
    .showHelpAfterError()
    .configureHelp({ sortSubcommands: false });
  for (const add of COMMANDS) add(program, shell);
  return program;
}
