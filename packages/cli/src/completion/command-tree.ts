import type { Command } from "commander";

/** A command as completion knows it. */
export type CommandNode = {
  /** Its words, from the first below `sluice`: `dead list`; empty, `sluice` itself. */
  readonly path: string;
  readonly children: readonly { readonly name: string; readonly says: string }[];
  readonly options: readonly CompletedOption[];
  /** The values that its first argument may have; empty: any. */
  readonly values: readonly string[];
};

export type CompletedOption = {
  readonly flag: string;
  readonly says: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
};

/** All commands, `sluice` first. @param commands those of the first level, loaded */
export function commandTree(commands: readonly Command[]): readonly CommandNode[] {
  const root = { path: "", children: commands.map(named), options: [HELP, VERSION], values: [] };
  return [root, ...commands.flatMap((command) => below(command, command.name()))];
}

const HELP: CompletedOption = { flag: "--help", says: "says what it does", takesValue: false, values: [] };
const VERSION: CompletedOption = { flag: "--version", says: "says which Sluice it is", takesValue: false, values: [] };

function below(command: Command, path: string): readonly CommandNode[] {
  const options = command.options.map(({ long, flags, description, argChoices, required, optional }) => ({
    flag: long ?? flags,
    says: description,
    takesValue: required || optional,
    values: argChoices ?? [],
  }));
  const values = command.registeredArguments[0]?.argChoices ?? [];
  return [
    { path, children: command.commands.map(named), options: [...options, HELP], values },
    ...command.commands.flatMap((each) => below(each, `${path} ${each.name()}`)),
  ];
}

function named(command: Command): { readonly name: string; readonly says: string } {
  return { name: command.name(), says: command.description() };
}
