import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A copy of the committed tree with what it needs installed, to be broken on purpose. It is gone when this process ends. */
export function copiedTree(): { readonly tree: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "sluice-mutations-"));
  const tree = join(folder, "tree");
  process.on("exit", () => {
    execFileSync("git", ["worktree", "remove", "--force", tree]);
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
  execFileSync("git", ["worktree", "add", "--quiet", "--detach", tree, "HEAD"], { stdio: "inherit" });
  execFileSync("pnpm", ["install", "--frozen-lockfile", "--prefer-offline", "--reporter=silent"], {
    cwd: tree,
    stdio: "inherit",
  });
  return { tree, folder };
}
