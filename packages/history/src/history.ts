import type { Database } from "@sluice/runtime";
import { createArchive, type Archive } from "./archive.ts";
import { createArchiveStore } from "./store/archive-store.ts";
import { createConnection } from "./store/connection.ts";
import { startKeeper } from "./store/keeper.ts";

/** The history of one fleet: what writes to it and what is read from it share a database, which may be away at any time. */
export type History = {
  /** Archives from now on, and looks after what is kept. */
  archive(options: ArchivingOptions): Archive;
  close(): Promise<void>;
};

export type HistoryOptions = {
  /** Called when it is first needed, and again after it failed. */
  readonly open: () => Promise<Database>;
  /** False: another part of the process uses the database too, and closes it. */
  readonly isOwn: boolean;
};

export type ArchivingOptions = {
  readonly session: string;
  /** How long a day is kept, and how much all of them may take. */
  readonly keepMs: number;
  readonly mostBytes: number;
  readonly nowMs: () => number;
  readonly onDropped: (days: readonly string[]) => void;
  readonly onError: (error: Error) => void;
};

/** Opens nothing yet: a worker starts, and goes on, without its history's database. */
export function openHistory({ open, isOwn }: HistoryOptions): History {
  const connection = createConnection(open, isOwn);
  return {
    archive({ session, keepMs, mostBytes, nowMs, onDropped, onError }) {
      const store = createArchiveStore(connection, nowMs);
      const archive = createArchive({ store, session, nowMs, onError });
      const keeper = startKeeper(connection, { keepMs, mostBytes, nowMs, onDropped, onError });
      return {
        ...archive,
        async close(deadlineMs) {
          keeper.close();
          await archive.close(deadlineMs);
        },
      };
    },
    close: async () => await connection.close(),
  };
}
