import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLog, openDatabase } from "@sluice/runtime";
import { migrateRecords } from "../services/records/src/migrations.ts";

/*
 * Making an empty embedded Postgres costs ten seconds of processor time and the store's tables another one, copying it a tenth of
 * a second. The empty one is made once for each version of PGlite, which the lock file names, and of the tables, and every test that needs one begins
 * with a copy.
 */

/**
 * Postgres clears its buffers as it opens, 128 MB of them unless it is told otherwise: half of the processor time of an opening, and memory
 * that a test's few rows never need.
 */
const SETTINGS = "shared_buffers = 16MB\n";

/** Databases from which others are made, as nobody here does: two thirds of the files, and of the time that a copy takes. */
const WITHOUT_TEMPLATES = ["template0", "template1"].flatMap((name) => [
  `update pg_database set datistemplate = false where datname = '${name}'`,
  `drop database ${name}`,
]);

/** The folder that test runs keep for the next one. */
const KEPT = fileURLToPath(new URL("../node_modules/.cache/sluice-test/", import.meta.url));

/** The folder of compiled machine code, which processes find again; it saves a third of a command's time. */
export const COMPILED = join(KEPT, "compiled");

/** The directory to copy as a data directory's `postgres`. */
export const EMPTY_POSTGRES = join(KEPT, `postgres-${sources()}`);

export async function makeEmptyPostgres(): Promise<void> {
  if (existsSync(EMPTY_POSTGRES)) return;
  mkdirSync(KEPT, { recursive: true });
  const dataDir = mkdtempSync(join(KEPT, "making-"));
  const database = await openDatabase({ dataDir, log: createLog({ role: "test", level: "silent" }) });
  await migrateRecords(database);
  for (const statement of WITHOUT_TEMPLATES) await database.query(statement);
  await database.close();
  appendFileSync(join(dataDir, "postgres", "postgresql.conf"), SETTINGS);
  try {
    renameSync(join(dataDir, "postgres"), EMPTY_POSTGRES);
  } catch (error) {
    // Another run was quicker.
    if (!existsSync(EMPTY_POSTGRES)) throw error;
  }
  rmSync(dataDir, { recursive: true, force: true });
}

/** Lays a copy into a data directory that has no Postgres yet. Where there is none to copy Sluice makes its own. */
export function layEmptyPostgres(dataDir: string): void {
  const place = join(dataDir, "postgres");
  if (existsSync(EMPTY_POSTGRES) && !existsSync(place)) cpSync(EMPTY_POSTGRES, place, { recursive: true });
}

function sources(): string {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const hash = createHash("sha256").update(SETTINGS).update(WITHOUT_TEMPLATES.join());
  const tables = globSync("services/records/migrations/*.sql", { cwd: root }).toSorted();
  for (const path of ["pnpm-lock.yaml", ...tables]) hash.update(path).update(readFileSync(join(root, path)));
  return hash.digest("hex").slice(0, 12);
}
