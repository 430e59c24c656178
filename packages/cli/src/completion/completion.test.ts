import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { COMMANDS } from "../program.ts";

const MAIN = fileURLToPath(new URL("../../sluice.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sluice-completion-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

/** The script as the command prints it, in a file. */
function scriptOf(shell: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "completion", shell], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  const path = join(folder, shell);
  writeFileSync(path, stdout);
  return path;
}

function run(shell: string, args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(shell, args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

/** Words behind `sluice`, of which the last is being typed, and words that are among their completions or not. */
const CASES: readonly (readonly [typed: readonly string[], among: readonly string[], not: readonly string[]])[] = [
  [[""], COMMANDS.map(({ name }) => name), ["list"]],
  [["de"], ["dead"], ["up"]],
  [
    ["dead", ""],
    ["list", "show", "replay", "discard"],
    ["up", "pause"],
  ],
  [["dead", "list", "--s"], ["--source", "--since"], ["--all"]],
  [
    ["issues", "list", "--state", ""],
    ["open", "acknowledged", "resolved"],
    ["list", "--json"],
  ],
  // The value of an option names no command.
  [["replay", "--source", "list", "--y"], ["--yes"], []],
  [["completion", ""], ["bash", "zsh", "fish"], []],
  [["hold", "crm", "--co"], ["--config"], ["--reason"]],
];

test("bash completes commands, what stands below them, options and their known values", ({ skip }) => {
  skip(!has("bash"), "there is no bash");
  const script = scriptOf("bash");
  for (const [typed, among, not] of CASES) {
    const words = ["sluice", ...typed].map((word) => JSON.stringify(word)).join(" ");
    const program = `source ${script}; COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const found = run("bash", ["--norc", "-c", program]);
    expect(found, typed.join(" ")).toEqual(expect.arrayContaining([...among]));
    expect(
      found.filter((word) => not.includes(word) || !word.startsWith(typed.at(-1)!)),
      typed.join(" "),
    ).toEqual([]);
  }
  expect(run("bash", ["--norc", "-c", `source ${script}; complete -p sluice`])).toEqual([
    "complete -o default -F _sluice sluice",
  ]);
});

test("zsh does so too", ({ skip }) => {
  skip(!has("zsh"), "there is no zsh");
  const script = scriptOf("zsh");
  for (const [typed, among, not] of CASES) {
    const words = ["sluice", ...typed].map((word) => JSON.stringify(word)).join(" ");
    // Outside of its line editor zsh completes nothing: the two builtins that would are told of instead.
    const program = `compdef() { :; }; _files() { :; }
      _describe() { print -rl -- "\${(@)\${(@P)2}%%:*}"; }
      compadd() { shift; print -rl -- "$@"; }
      source ${script}; words=(${words}); CURRENT=${typed.length + 1}; _sluice`;
    const found = run("zsh", ["-f", "-c", program]).filter((word) => word.startsWith(typed.at(-1)!));
    expect(found, typed.join(" ")).toEqual(expect.arrayContaining([...among]));
    expect(
      found.filter((word) => not.includes(word)),
      typed.join(" "),
    ).toEqual([]);
  }
});

test("fish does so too", ({ skip }) => {
  skip(!has("fish"), "there is no fish");
  const script = scriptOf("fish");
  for (const [typed, among, not] of CASES) {
    const line = ["sluice", ...typed].join(" ");
    const found = run("fish", ["--no-config", "-c", `source ${script}; complete -C ${JSON.stringify(line)}`]).map(
      (each) => each.split("\t")[0]!,
    );
    // Options are offered once their dash was typed.
    expect(found, line).toEqual(expect.arrayContaining([...among]));
    expect(
      found.filter((word) => not.includes(word)),
      line,
    ).toEqual([]);
  }
});
