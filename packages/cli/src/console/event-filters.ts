import type { Command } from "commander";
import { CONFIG_OPTION, type Shell } from "../command.ts";
import { consoleClient, type ConsoleChoice, type ConsoleClient } from "./console-client.ts";

/** The options of every command that asks the console. */
export type ConsoleCallOptions = ConsoleChoice & { readonly config?: string; readonly json?: boolean };

export function clientOf(shell: Shell, options: ConsoleCallOptions): ConsoleClient {
  return consoleClient(shell.settings(options.config), options);
}

export const URL_OPTION = ["--url <url>", "where the console is (http://127.0.0.1:8082)"] as const;
export const TOKEN_OPTION = [
  "--token <token>",
  "its token (SLUICE_ADMIN_TOKEN, or the one in the data directory)",
] as const;

export function asking(command: Command): Command {
  return command
    .option(...CONFIG_OPTION)
    .option(...URL_OPTION)
    .option(...TOKEN_OPTION)
    .option("--json", "as JSON");
}

/** By filter: its placeholder, and what it says of the events that are meant. */
const FILTERS = {
  destination: ["destination", "of records there"],
  object: ["object", "of records of this object"],
  key: ["key", "of the record with this key"],
  event: ["event", "with this id, as the sender gave it"],
  source: ["source", "of this source"],
  type: ["type", "of this type"],
  outcome: ["outcome", "that ended so: applied, merged, superseded, dead, pending …"],
  code: ["code", "that are dead for this reason"],
  since: ["time", "from then on: a time, or how long ago (30m, 2h, 7d)"],
  until: ["time", "before that"],
  text: ["text", "whose webhook's body holds this text"],
} as const;

type Name = keyof typeof FILTERS;
const NAMES = Object.keys(FILTERS) as Name[];

/** Which events of the history are meant: every filter that is given must hold. */
export type EventFilters = Partial<Readonly<Record<Name, string>>>;

/** @param without filters that make no sense there */
export function addEventFilters(command: Command, without: readonly Name[] = []): void {
  for (const name of NAMES.filter((each) => !without.includes(each)))
    command.option(`--${name} <${FILTERS[name][0]}>`, FILTERS[name][1]);
}

export function eventFilterOf(options: EventFilters): EventFilters {
  return Object.fromEntries(NAMES.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}
