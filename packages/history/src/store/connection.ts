import { migrate, type Database } from "@sluice/runtime";
import { MIGRATIONS } from "./migrations.ts";

/** The history's database, which is opened when it is first needed, and again after that failed: nothing waits for it to be there. */
export type Connection = {
  /** @throws what opening it, or bringing its tables up to date, throws */
  database(): Promise<Database>;
  close(): Promise<void>;
};

/** @param isOwn whether it is closed with the connection; another part of the process closes it otherwise */
export function createConnection(open: () => Promise<Database>, isOwn: boolean): Connection {
  let opening: Promise<Database> | null = null;
  const begin = async (): Promise<Database> => {
    const database = await open();
    try {
      await migrate(database, "history", MIGRATIONS);
      return database;
    } catch (error) {
      if (isOwn) await database.close().catch(() => {});
      throw error;
    }
  };
  return {
    async database() {
      opening ??= begin();
      try {
        return await opening;
      } catch (error) {
        opening = null;
        throw error;
      }
    },
    async close() {
      if (!isOwn || opening === null) return;
      await opening.then(
        async (database) => await database.close(),
        () => {},
      );
    },
  };
}
