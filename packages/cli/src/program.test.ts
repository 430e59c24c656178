import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "./program.ts";

const unused = (): never => {
  throw new Error("no command is run here");
};
const program = createProgram({ settings: unused, stopOnSignal: unused, exit: unused });
const DOCS = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");

/** Every command that does something, by its words: `dead replay`. */
function commandsOf(command: Command, words: readonly string[] = []): [string, Command][] {
  // `records` starts the role itself, and has others below it.
  const runs = words.length > 0 && (command.commands.length === 0 || command.options.length > 0);
  const own: [string, Command][] = runs ? [[words.join(" "), command]] : [];
  return [...own, ...command.commands.flatMap((each) => commandsOf(each, [...words, each.name()]))];
}

/** The rows of the page: the command between backticks, without its arguments, and the whole row. */
function rows(): Map<string, string> {
  return new Map(
    [...DOCS.matchAll(/^\| `([a-z -]+?)(?: [A-Z<[][^`]*)?` \|.*$/gm)].map(([row, name = ""]) => [name, row] as const),
  );
}

test("every command has its row in docs/cli.md with all of its options, and no other has one", () => {
  const documented = rows();
  for (const [name, command] of commandsOf(program)) {
    const row = documented.get(name);
    expect(row, `docs/cli.md has no row for \`${name}\``).toBeDefined();
    const options = command.options.map(({ long }) => long).filter((long) => long !== "--config");
    const missing = options.filter((long) => row?.includes(`\`${long}`) !== true);
    expect(missing, `docs/cli.md, \`${name}\``).toEqual([]);
  }
  const known = program.commands.flatMap((each) => [
    each.name(),
    ...each.commands.map((inner) => `${each.name()} ${inner.name()}`),
  ]);
  expect([...documented.keys()].filter((name) => !known.includes(name))).toEqual([]);
});

test("every command says in its help what it does and what each option means", () => {
  for (const [name, command] of commandsOf(program)) {
    expect(command.description(), name).not.toBe("");
    for (const option of command.options) expect(option.description, `${name} ${option.flags}`).not.toBe("");
  }
});
