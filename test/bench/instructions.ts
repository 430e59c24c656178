import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const COUNTS = "instructions";

/** A program's command line under Valgrind, which counts nothing until it is told to. */
export function countable(path: string, directory: string): readonly [command: string, options: readonly string[]] {
  const options = ["--tool=callgrind", "--instr-atstart=no", `--callgrind-out-file=${join(directory, COUNTS)}`];
  return ["valgrind", [...options, path]];
}

/** Counts the instructions that the process carries out while `work` runs, in all its threads and without the kernel's. */
export async function countInstructions(pid: number, directory: string, work: () => Promise<void>): Promise<number> {
  const control = async (...words: readonly string[]): Promise<void> =>
    void (await run("callgrind_control", [...words, String(pid)]));
  await control("--instr=on");
  await work();
  await control("--instr=off");
  await control("--dump");
  const totals = /^totals: (\d+)$/m.exec(readFileSync(join(directory, `${COUNTS}.1`), "utf8"));
  if (totals === null) throw new Error("callgrind wrote no totals");
  return Number(totals[1]);
}
