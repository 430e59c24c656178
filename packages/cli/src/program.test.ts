import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { EXAMPLES } from "./examples.ts";
import { COMMANDS, createProgram } from "./program.ts";
import { ownVersion } from "./version.ts";

const unused = (): never => {
  throw new Error("no command is run here");
};
const shell = { settings: unused, onSignal: unused, stopOnSignal: unused, exit: unused };
const programOf = async (...words: string[]): Promise<Command> => await createProgram(async () => shell, words);
/** Each command of the first level, loaded as a call of it would load it. */
const commands = await Promise.all(
  COMMANDS.map(async ({ name }) => (await programOf(name)).commands.find((command) => command.name() === name)!),
);
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const MAIN = fileURLToPath(new URL("../sluice.mjs", import.meta.url));
const DOCS = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");

/** Every command that has an action, by its words: `dead replay`. */
function commandsOf(command: Command, words: readonly string[] = []): [string, Command][] {
  // `records` starts the role itself, and has other commands below it.
  const runs = words.length > 0 && (command.commands.length === 0 || command.options.length > 0);
  const own: [string, Command][] = runs ? [[words.join(" "), command]] : [];
  return [...own, ...command.commands.flatMap((each) => commandsOf(each, [...words, each.name()]))];
}

const all = commands.flatMap((command) => commandsOf(command, [command.name()]));

/** The rows of the page: the command between backticks, without its arguments, and the whole row. */
function rows(): Map<string, string> {
  return new Map(
    [...DOCS.matchAll(/^\| `([a-z -]+?)(?: [A-Z<[][^`]*)?` \|.*$/gm)].map(([row, name = ""]) => [name, row] as const),
  );
}

test("every command has its row in docs/cli.md with all of its options, and no other has one", () => {
  const documented = rows();
  for (const [name, command] of all) {
    const row = documented.get(name);
    expect(row, `docs/cli.md has no row for \`${name}\``).toBeDefined();
    const options = command.options.map(({ long }) => long).filter((long) => long !== "--config");
    const missing = options.filter((long) => row?.includes(`\`${long}`) !== true);
    expect(missing, `docs/cli.md, \`${name}\``).toEqual([]);
  }
  const known = commands.flatMap((each) => [
    each.name(),
    ...each.commands.map((inner) => `${each.name()} ${inner.name()}`),
  ]);
  expect([...documented.keys()].filter((name) => !known.includes(name))).toEqual([]);
});

test("help names every command as the command names itself, in its order, and loads none", async () => {
  const listed = (await programOf()).commands.map((each) => [each.name(), each.description(), argumentsOf(each)]);
  expect(listed).toEqual(commands.map((each) => [each.name(), each.description(), argumentsOf(each)]));
});

function argumentsOf({ registeredArguments }: Command): string[] {
  return registeredArguments.map((each) => `${each.name()} ${each.required ? "required" : "optional"}`);
}

test("help loads nothing but itself, and a command no service, no BullMQ, nothing that serves or counts", () => {
  expect(modulesOf(["--help"]).ours).toEqual(["packages/cli"]);
  expect(modulesOf(["schemes"]).ours.toSorted()).toEqual(["packages/cli", "packages/event"]);
  const { ours, libraries } = modulesOf(["dead", "list", "--help"]);
  expect(ours).toContain("packages/queue");
  expect(ours.filter((name) => name.startsWith("services/"))).toEqual([]);
  expect(libraries).toContain("yaml");
  for (const library of ["ioredis", "bullmq", "express", "pg", "pino", "prom-client", "undici", "@electric-sql"]) {
    expect(libraries).not.toContain(library);
  }
});

test("a file is checked by what reads a configuration: no client, no server, nothing of Redis or Postgres", () => {
  const { ours, folders, libraries } = modulesOf(["config", "check"]);
  expect(ours.toSorted()).toEqual(["packages/cli", "packages/event", "packages/record", "packages/runtime"]);
  expect(folders.filter((name) => name.startsWith("packages/runtime/")).toSorted()).toEqual([
    "packages/runtime/src/command",
    "packages/runtime/src/configuration",
  ]);
  expect(libraries.toSorted()).toEqual(["commander", "jsonata", "re2js", "saxes", "xmlchars", "yaml", "zod"]);
});

/** The packages of ours, their folders, and the libraries, that a process of the command loads. */
function modulesOf(words: readonly string[]): {
  readonly ours: readonly string[];
  readonly folders: readonly string[];
  readonly libraries: readonly string[];
} {
  const watch = `import { registerHooks } from "node:module";
    const urls = [];
    registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
    process.on("exit", () => console.error(JSON.stringify(urls)));`;
  const { stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(watch)}`, MAIN, ...words],
    { encoding: "utf8", cwd: ROOT, env: { ...process.env, SLUICE_RECORDS_TOKEN: "t" } },
  );
  const urls = JSON.parse(stderr) as string[];
  const named = (pattern: RegExp): string[] => [...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? []))];
  return {
    ours: named(/\/((?:packages|services)\/[a-z-]+)\//),
    folders: named(/\/((?:packages|services)\/[a-z-]+\/src\/[a-z-]+)\//),
    libraries: named(/.*\/node_modules\/(@?[^/]+)/),
  };
}

test("a command that there is not is answered with the near name and with where they are listed, and not with all of them", () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, "evnts"], { encoding: "utf8" });
  expect(stderr.trim().split("\n")).toEqual([
    "error: unknown command 'evnts'",
    "(Did you mean events?)",
    expect.stringMatching(/next: `sluice --help`/),
  ]);
  expect(status).toBe(1);
});

test("it says its version", () => {
  const { status, stdout } = spawnSync(process.execPath, [MAIN, "--version"], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${ownVersion()}\n` });
});

test("a command whose output nobody reads any more ends, and says nothing of it", async () => {
  // Node swallows the first write that fails: only who goes on to write, such as `tail`, meets the error.
  const lines = `data:text/javascript,${encodeURIComponent("setInterval(() => console.log(1), 5);")}`;
  const child = spawn(process.execPath, ["--import", lines, MAIN, "schemes"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  expect({ code, said: Buffer.concat(said).toString() }).toEqual({ code: 0, said: "" });
});

/** Every command and group of commands, by its words. */
function namedOf(command: Command, words: readonly string[] = [command.name()]): [string, Command][] {
  return [[words.join(" "), command], ...command.commands.flatMap((each) => namedOf(each, [...words, each.name()]))];
}

test("the help of every command shows a call of it, whose options it has and whose arguments it takes", () => {
  const named = new Map(commands.flatMap((command) => namedOf(command)));
  expect(Object.keys(EXAMPLES).toSorted()).toEqual([...named.keys()].toSorted());
  for (const [name, calls] of Object.entries(EXAMPLES)) {
    const command = named.get(name)!;
    expect(calls.length, name).toBeGreaterThan(0);
    for (const call of calls) {
      // The words behind `sluice`, up to where the shell has something of its own.
      const words = /(?:^|[ (])sluice (.*?)(?: \| .*| > .*|\))?$/.exec(call)?.[1]?.match(/"[^"]*"|\S+/g) ?? [];
      expect(words.join(" ").startsWith(name), call).toBe(true);
      const called = [...named].findLast(([each]) => `${words.join(" ")} `.startsWith(`${each} `));
      const [path, meant] = command.commands.length === 0 ? [name, command] : called!;
      const given = words.slice(path.split(" ").length).map((word) => word.replaceAll('"', ""));
      // A value that an option does not take is thrown, with the words that a person would read.
      const { operands, unknown } = meant.exitOverride().parseOptions(given);
      expect(unknown, call).toEqual([]);
      const takes = meant.registeredArguments;
      expect(operands.length, call).toBeGreaterThanOrEqual(takes.filter(({ required }) => required).length);
      const most = takes.some(({ variadic }) => variadic) ? Infinity : takes.length;
      expect(operands.length, call).toBeLessThanOrEqual(most);
    }
  }
  const { stdout } = spawnSync(process.execPath, [MAIN, "hold", "--help"], { encoding: "utf8" });
  expect(stdout).toContain('Example:\n  sluice hold crm --reason "their migration, until 18:00"\n');
});

test("every command says in its help what it does and what each option means", () => {
  for (const [name, command] of all) {
    expect(command.description(), name).not.toBe("");
    for (const option of command.options) expect(option.description, `${name} ${option.flags}`).not.toBe("");
  }
});
