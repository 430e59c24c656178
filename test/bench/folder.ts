import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let all: string | undefined;

/** A new folder, gone at the latest when this process is, however the process ends. */
export function temporaryFolder(): string {
  if (all === undefined) {
    const made = mkdtempSync(join(tmpdir(), "sluice-bench-"));
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
    all = made;
  }
  return mkdtempSync(join(all, "part-"));
}

/** A folder that is gone when `use` is done. */
export async function withFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = temporaryFolder();
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
