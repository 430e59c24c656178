import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./folder.ts";
import { INSTALL_DEADLINE_MS } from "./limits.ts";

/** A checkout of Sluice with its dependencies. */
export type Tree = { readonly name: "today" | "now"; readonly directory: string };

/** The last commit whose door did everything before its 2xx. */
const TODAY = "1025981";

export const NOW: Tree = { name: "now", directory: fileURLToPath(new URL("../..", import.meta.url)) };

/** Makes the tree that the present one is measured beside, once, unless a directory with it is given. */
export function todayIn(given: string | undefined): { tree(): Tree; remove(): void } {
  let made: string | undefined;
  return {
    tree() {
      made ??= given === undefined ? checkOut() : resolve(given);
      return { name: "today", directory: made };
    },
    remove() {
      if (made === undefined || given !== undefined) return;
      execFileSync("git", ["worktree", "remove", "--force", made], { cwd: NOW.directory });
    },
  };
}

function checkOut(): string {
  const directory = join(temporaryFolder(), "today");
  process.stderr.write(
    `${TODAY} is checked out and installed, about a minute (--today DIRECTORY takes one that is there)\n`,
  );
  try {
    execFileSync("git", ["worktree", "add", "--detach", directory, TODAY], { cwd: NOW.directory, stdio: "pipe" });
  } catch (cause) {
    throw new Error(`git can't check out ${TODAY}: a shallow clone lacks it (git fetch --unshallow)`, { cause });
  }
  execFileSync(process.execPath, ["packages/cli/bootstrap.mjs", "install"], {
    cwd: directory,
    stdio: ["ignore", "ignore", "inherit"],
    timeout: INSTALL_DEADLINE_MS,
  });
  return directory;
}
