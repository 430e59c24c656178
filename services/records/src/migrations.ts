import { readdir, readFile } from "node:fs/promises";
import { migrate, type Database } from "@sluice/runtime";

const FOLDER = new URL("../migrations/", import.meta.url);

/** Brings the store's tables up to date: the files of `migrations/`, in the order of their names. */
export async function migrateRecords(database: Database): Promise<void> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".sql")).toSorted();
  const migrations = names.map(async (name) => ({ name, sql: await readFile(new URL(name, FOLDER), "utf8") }));
  await migrate(database, "records", await Promise.all(migrations));
}
