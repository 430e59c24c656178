import { migrate, type Database } from "@sluice/runtime";
import { createEncryption, type AlteredSegmentError, type Encryption } from "./encryption.ts";
import { MIGRATIONS } from "./migrations.ts";

/** A database with the way in which its segments are encrypted. */
export type HistoryDatabase = Database & {
  readonly encryption: Encryption;
  /** Told once of each segment that is not what was written there. */
  readonly onAltered: (error: AlteredSegmentError) => void;
};

/** The history's database, which is opened when it is first needed, and again after that failed: nothing waits for it to be there. */
export type Connection = {
  /** @throws what opening it, or bringing its tables up to date, throws */
  database(): Promise<HistoryDatabase>;
  close(): Promise<void>;
};

/** @param isOwn whether it is closed with the connection; another part of the process closes it otherwise */
export function createConnection(
  open: () => Promise<Database>,
  isOwn: boolean,
  encryption: Encryption = createEncryption([]),
  onAltered: HistoryDatabase["onAltered"] = () => {},
): Connection {
  let opening: Promise<HistoryDatabase> | null = null;
  const begin = async (): Promise<HistoryDatabase> => {
    const database = await open();
    try {
      await migrate(database, "history", MIGRATIONS);
      return { ...database, encryption, onAltered };
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
