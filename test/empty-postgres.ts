import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLog, openDatabase } from "@sluice/runtime";

/*
 * To make an empty embedded Postgres costs ten seconds of processor time, to copy one a twentieth of a second. It is made
 * once for each lock file, which names PGlite's version, and every test that needs one begins with a copy.
 */

/** What test runs keep for the next one. */
const KEPT = fileURLToPath(new URL("../node_modules/.cache/sluice-test/", import.meta.url));

/** Where processes find the machine code of what they load, which saves a third of the time that a command takes. */
export const COMPILED = join(KEPT, "compiled");

/** The directory to copy as a data directory's `postgres`. */
export const EMPTY_POSTGRES = join(KEPT, `postgres-${lockFile()}`);

export async function makeEmptyPostgres(): Promise<void> {
  if (existsSync(EMPTY_POSTGRES)) return;
  mkdirSync(KEPT, { recursive: true });
  const dataDir = mkdtempSync(join(KEPT, "making-"));
  const database = await openDatabase({ dataDir, log: createLog({ role: "test", level: "silent" }) });
  await database.close();
  try {
    renameSync(join(dataDir, "postgres"), EMPTY_POSTGRES);
  } catch (error) {
    // Another run was quicker.
    if (!existsSync(EMPTY_POSTGRES)) throw error;
  }
  rmSync(dataDir, { recursive: true, force: true });
}

/** Lays a copy into a data directory that has no Postgres yet. Without one to copy Sluice makes its own. */
export function layEmptyPostgres(dataDir: string): void {
  const place = join(dataDir, "postgres");
  if (existsSync(EMPTY_POSTGRES) && !existsSync(place)) cpSync(EMPTY_POSTGRES, place, { recursive: true });
}

function lockFile(): string {
  const text = readFileSync(new URL("../pnpm-lock.yaml", import.meta.url));
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
