import { fork } from "node:child_process";
import { on } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../chaos/random.ts";
import { copiedTree } from "../copied-tree.ts";
import { findRedisPrograms } from "../redis-programs.ts";
import { mutantsOf, type Mutant } from "./mutants.ts";
import { testsOf } from "./tests-of-scripts.ts";

/*
 * Changes Lua scripts one place at a time in a copy of the committed tree, and runs the tests that hold them until one fails. A script
 * that never ends is noticed by its time.
 *
 *   node test/mutation/lua.ts FILE… [--tests 'FILE FILE'] [--most 60] [--seed 1] [--lines 12,14]
 *
 * At most so many changes of a file are tried, which the seed chooses; `--lines` tries those of some lines.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tests: { type: "string" },
    most: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    lines: { type: "string" },
  },
});
const LIMIT_MS = 600_000;

type Change = Pick<Mutant, "line" | "from" | "to" | "text">;
let end = (): void => {};
process.on("exit", () => end());
const { tree, folder } = copiedTree();
process.env["TMPDIR"] = folder;
const made = join(tree, "packages/queue/src/mutants");
const programs = await findRedisPrograms();
if (programs === null) throw new Error("a program redis-server is needed");
process.on("exit", () => void programs.stop());

const table: string[] = [];
for (const file of positionals) table.push(await tried(file));
await programs.stop();
console.log(`\n| file | noticed, of how many |\n|---|---|\n${table.join("\n")}`);
process.exit();

async function tried(file: string): Promise<string> {
  const whole = readFileSync(join(tree, file), "utf8");
  const lines = values.lines?.split(",").map(Number);
  const all = mutantsOf(whole).filter(({ line }) => lines === undefined || lines.includes(line));
  const chosen = sample(all);
  // Tests that fail without a change, or when they run a second time, notice nothing.
  const unchanged = { line: 0, from: "", to: "", text: whole };
  const queue: Change[] = [unchanged, ...chosen, unchanged];
  const survivors: string[] = [];
  let at = 0;
  while (at < queue.length) {
    for await (const failure of failuresOf(file, queue.slice(at))) {
      const change = queue[at]!;
      at += 1;
      if (change === unchanged) {
        if (failure !== null) throw new Error(`${file} unchanged: ${failure}`);
        continue;
      }
      const told = `${basename(file)}:${change.line}  ${oneLine(change.from)} → ${oneLine(change.to)}`;
      console.log(
        `${at - 1}/${chosen.length}  ${failure === null ? "SURVIVED" : "noticed"}  ${told}  ${failure ?? ""}`,
      );
      if (failure === null) survivors.push(told);
    }
  }
  writeFileSync(join(tree, file), whole);
  console.log(["", ...survivors].join("\n"));
  const of = chosen.length < all.length ? `${chosen.length} that were tried, of ${all.length}` : String(all.length);
  return `| ${file} | ${chosen.length - survivors.length} of ${of} |`;
}

/** The test that fails with each change, or null, one after the other; ends early, and says so, behind a change with which they have no end. */
async function* failuresOf(file: string, changes: readonly Change[]): AsyncGenerator<string | null> {
  const tests = values.tests?.split(" ") ?? testsOf(file);
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made);
  for (const [at, { text }] of changes.entries()) {
    writeFileSync(join(made, `${String(at).padStart(4, "0")}.test.ts`), testOf(join(tree, file), text, tests, at));
  }
  const redis = await programs!.start({ appendfsync: "everysec" });
  const child = fork(join(tree, "test/mutation/mutants-run.ts"), {
    cwd: tree,
    detached: true,
    env: {
      ...process.env,
      NODE_NO_WARNINGS: "1",
      MUTATION_TESTS: "packages/queue/src/mutants/*.test.ts",
      SLUICE_TEST_REDIS_URL: redis.url,
    },
  });
  end = (): void => {
    end = (): void => {};
    if (child.exitCode === null) process.kill(-child.pid!, "SIGKILL");
    // A script without an end never leaves its server.
    void redis.kill();
  };
  const hang = new AbortController();
  const timer = setTimeout(() => hang.abort(), LIMIT_MS);
  const busy = setInterval(() => {
    redis.admin.ping().catch((error: Error) => {
      if (error.message.startsWith("BUSY")) hang.abort();
    });
  }, 1000);
  try {
    const messages = on(child, "message", { close: ["exit"], signal: hang.signal });
    for await (const [{ failure }] of messages as AsyncIterable<[{ failure: string | null }]>) {
      timer.refresh();
      yield failure;
    }
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
    yield "no end";
  } finally {
    clearTimeout(timer);
    clearInterval(busy);
    end();
  }
}

/** A test file that changes the script and then runs the tests, in one process with those before it: a start for each would cost more than the tests. */
function testOf(path: string, text: string, tests: readonly string[], number: number): string {
  return `import { writeFileSync } from "node:fs";
import { beforeEach, describe, onTestFailed } from "vitest";
writeFileSync(${JSON.stringify(path)}, ${JSON.stringify(text)});
let failed = false;
beforeEach((test) => {
  if (failed) test.skip();
  onTestFailed(() => void (failed = true));
});
${tests.map((test) => `describe(${JSON.stringify(basename(test, ".test.ts"))}, async () => void (await import(${JSON.stringify(`${join(tree, test)}?${number}`)})));`).join("\n")}
`;
}

function oneLine(text: string): string {
  return text === "" ? "nothing" : text.replaceAll(/\s+/g, " ").slice(0, 80);
}

/** At most so many of them in their order: the same ones for the same seed. */
function sample<T>(all: readonly T[]): readonly T[] {
  const random = createRandom(Number(values.seed), "mutants");
  const drawn = all.map(() => random.next());
  const bound = drawn.toSorted((a, b) => a - b)[Number(values.most)] ?? 1;
  return all.filter((_, at) => drawn[at]! < bound);
}
