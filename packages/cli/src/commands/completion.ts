import { Argument, Command } from "commander";
import type { AddCommand, Shell } from "../command.ts";
import { bashScript } from "../completion/bash-script.ts";
import { commandTree } from "../completion/command-tree.ts";
import { fishScript } from "../completion/fish-script.ts";
import { zshScript } from "../completion/zsh-script.ts";
import { COMMANDS } from "../program.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** `completion`: the shell's script, made from the table that help is made of. */
export const completionCommand: AddCommand = (program) => {
  program
    .command("completion")
    .addArgument(new Argument("<shell>").choices(Object.keys(SCRIPTS)))
    .description("the script by which bash, zsh or fish completes commands and options")
    .action(async (shell: keyof typeof SCRIPTS) => {
      process.stdout.write(SCRIPTS[shell](commandTree(await wholeProgram())));
    });
};

const unused = (): never => {
  throw new Error("no command is run here");
};
const SHELL: Shell = { settings: unused, onSignal: unused, stopOnSignal: unused, exit: unused };

/** Every command of the first level with all that stands below it. */
async function wholeProgram(): Promise<readonly Command[]> {
  return await Promise.all(
    COMMANDS.map(async ({ name, load }) => {
      const program = new Command("sluice");
      for (const add of await load()) add(program, SHELL);
      const found = program.commands.find((command) => command.name() === name);
      if (found === undefined) throw new Error(`no module makes the command ${name}`);
      return found;
    }),
  );
}
