import { Command } from "commander";
import type { AddCommand, Shell } from "./command.ts";
import { addExamples } from "./examples.ts";
import { ownVersion } from "./version.ts";

/** A row of `sluice --help`. It stands here so that help loads no command; a test holds it against the command. */
type Row = {
  readonly name: string;
  readonly takes?: string;
  readonly says: string;
  /** The command reads no setting: what reads them takes longer to load than it runs. */
  readonly isBare?: true;
  /** The modules that make the command. */
  readonly load: () => Promise<readonly AddCommand[]>;
};

const roles = async (): Promise<AddCommand> => (await import("./commands/roles.ts")).roleCommands;
const role = async (): Promise<AddCommand[]> => [await roles()];
const lanes = async (): Promise<AddCommand[]> => [(await import("./commands/lanes.ts")).laneCommands];
const hold = async (): Promise<AddCommand[]> => [(await import("./commands/hold.ts")).holdCommands];

/** All commands, in the order of `sluice --help`. */
export const COMMANDS: readonly Row[] = [
  {
    name: "up",
    says: "all roles in one process, with a private Redis and Postgres where none is named",
    load: async () => [(await import("./commands/up.ts")).upCommand],
  },
  { name: "ingress", says: "the ingress role alone, with SLUICE_REDIS_URL", load: role },
  { name: "worker", says: "the worker role alone, with SLUICE_REDIS_URL", load: role },
  { name: "console", says: "the console role alone, with SLUICE_REDIS_URL", load: role },
  {
    name: "records",
    says: "the records role alone",
    load: async () => [await roles(), (await import("./commands/records.ts")).recordsCommands],
  },
  {
    name: "status",
    says: "the fleet at this moment: what is held and when it is tried again, what waits and when it is gone; exit code 1 while something stands still",
    load: async () => [(await import("./commands/status.ts")).statusCommand],
  },
  {
    name: "audit",
    says: "shows where every webhook, event and change is; exit code 1 if one is missing, waits for nobody, or the state went back",
    load: async () => [(await import("./commands/audit.ts")).auditCommand],
  },
  {
    name: "types",
    takes: "[source]",
    says: "what came in the last seven days, by source and type of event, and what became of it",
    load: async () => [(await import("./commands/event-types.ts")).typesCommand],
  },
  {
    name: "dead",
    says: "dead letters: what could not be applied, and why",
    load: async () => [(await import("./commands/dead.ts")).deadCommands],
  },
  {
    name: "events",
    says: "what came in and what became of it, the newest first: from the history",
    load: async () => [(await import("./commands/events.ts")).eventsCommand],
  },
  {
    name: "trace",
    takes: "<event>",
    says: "all that became of one event: received, understood, merged, sent, answered, ended; from the history",
    load: async () => [(await import("./commands/events.ts")).traceCommand],
  },
  {
    name: "tail",
    says: "events as they come in, one line each once it has ended: from the history, a second or two behind",
    load: async () => [(await import("./commands/tail.ts")).tailCommand],
  },
  {
    name: "issues",
    says: "faults by their cause, each with its life: what is wrong, since when, and who looks after it",
    load: async () => [(await import("./commands/issues.ts")).issuesCommands],
  },
  {
    name: "replay",
    says: "what the mapping as it is now makes of past events: a plan, and with --yes the replay; from the history",
    load: async () => [(await import("./commands/replay.ts")).replayCommands],
  },
  {
    name: "backfill",
    takes: "<file>",
    says: "takes the rows of a CSV or NDJSON file in as events of a source: an old file never overwrites a newer value; without --yes only the plan",
    load: async () => [(await import("./commands/backfill.ts")).backfillCommand],
  },
  {
    name: "reconcile",
    takes: "[destination]",
    says: "compares the records of a destination with what it has confirmed; with --repair what it does not show is written again; from the history",
    load: async () => [(await import("./commands/reconcile.ts")).reconcileCommands],
  },
  {
    name: "record",
    says: "one record: what is confirmed, what is pending, what it waits for",
    load: async () => [(await import("./commands/record.ts")).recordCommands],
  },
  {
    name: "hold",
    takes: "<destination>",
    says: "sends nothing to a destination until it is resumed; webhooks are taken in as before",
    load: hold,
  },
  {
    name: "resume",
    takes: "<destination>",
    says: "ends whatever holds a destination: one request tries first, then the flow comes back",
    load: hold,
  },
  {
    name: "lanes",
    takes: "<destination> [number]",
    says: "says over how many lanes a destination spreads, or changes it while no worker runs",
    load: lanes,
  },
  {
    name: "move",
    takes: "<old> <new>",
    says: "moves all that a renamed destination holds to its new name, by the rule by which events merge",
    load: lanes,
  },
  {
    name: "discard",
    takes: "<destination>",
    says: "drops all that is left of a destination that the file does not name: what is pending is booked as discarded",
    load: lanes,
  },
  {
    name: "backup",
    takes: "<folder>",
    says: "copies the data directory (private Redis, embedded Postgres, tokens), while Sluice runs or not",
    load: async () => [(await import("./commands/backup.ts")).backupCommand],
  },
  {
    name: "restore",
    takes: "<folder>",
    says: "lays out a backup as the data directory, and says what there is to compare",
    load: async () => [(await import("./commands/backup.ts")).restoreCommand],
  },
  {
    name: "schemes",
    isBare: true,
    says: "the senders that sluice.yaml may name, and what a request of each proves",
    load: async () => [(await import("./commands/schemes.ts")).schemesCommand],
  },
  {
    name: "init",
    takes: "<sender>",
    says: "writes a source of this sender into sluice.yaml and says what to do at the sender",
    load: async () => [(await import("./commands/init.ts")).initCommand],
  },
  {
    name: "handed",
    takes: "<source>",
    says: "the secret that a sender handed over to this source, for a sender that wants it pasted back",
    load: async () => [(await import("./commands/handed.ts")).handedCommand],
  },
  {
    name: "send",
    takes: "<sender>",
    says: "signs a webhook as the sender does, sends it, and shows the answer",
    load: async () => [(await import("./commands/send.ts")).sendCommand],
  },
  {
    name: "try",
    takes: "<source>",
    says: "shows what a webhook becomes: verified?, what expressions see and what each yields, changes, and the request to the destination",
    load: async () => [(await import("./commands/try.ts")).tryCommand],
  },
  {
    name: "config",
    says: "the configuration file",
    load: async () => [(await import("./commands/config.ts")).configCommands],
  },
  {
    name: "completion",
    takes: "<shell>",
    isBare: true,
    says: "the script by which bash, zsh or fish completes commands and options",
    load: async () => [(await import("./commands/completion.ts")).completionCommand],
  },
];

const noShell = (): never => {
  throw new Error("this command was said to need nothing");
};
const NO_SHELL: Shell = { settings: noShell, onSignal: noShell, stopOnSignal: noShell, exit: noShell };

/**
 * The command line for these words: the command that they name, whole, or else every command's name and description. Loading
 * them all takes longer than most of them run.
 */
export async function createProgram(openShell: () => Promise<Shell>, words: readonly string[]): Promise<Command> {
  const program = new Command("sluice")
    .description("ERP and CRM webhooks in, converged records out")
    .showHelpAfterError()
    .configureHelp({ sortSubcommands: false });
  const word = words.find((each) => each !== "help" && each !== "--");
  const asked = COMMANDS.find(({ name }) => name === word);
  if (asked === undefined) {
    program.version(ownVersion(), "-V, --version", "display the version");
    // The list of all commands would push what is wrong off the screen.
    program.showHelpAfterError("  next: `sluice --help` lists the commands");
    for (const { name, takes = "", says } of COMMANDS) program.command(`${name} ${takes}`).description(says);
    return program;
  }
  const [adds, shell] = await Promise.all([asked.load(), asked.isBare === true ? NO_SHELL : openShell()]);
  for (const add of adds) add(program, shell);
  for (const command of program.commands) addExamples(command);
  return program;
}
