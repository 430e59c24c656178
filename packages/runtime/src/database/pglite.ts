import type { PGlite, Transaction } from "@electric-sql/pglite";
import { SluiceError } from "../error.ts";
import type { Database } from "./database.ts";
import { PARAMETER_WRITERS, RESULT_PARSERS, parameterOf } from "./values.ts";

/**
 * Postgres inside this process, its files in `directory`. It has one connection: statements queue, and
 * a transaction holds all others back until it ends.
 *
 * Its files survive the end of the process, a SIGKILL too, because the system has them in its cache
 * by then. This Postgres does not wait for the disk, so a power cut can take the last seconds; where that matters,
 * SLUICE_DATABASE_URL names a real one.
 * @throws SluiceError `database_unreachable`
 */
export async function openPglite(directory: string): Promise<Database> {
  // PGlite is loaded here, when it is wanted: its WebAssembly costs a role that uses a real Postgres nothing.
  const { PGlite } = await import("@electric-sql/pglite");
  const { pg_trgm } = await import("@electric-sql/pglite/contrib/pg_trgm");
  try {
    const db = await PGlite.create({
      dataDir: directory,
      // The extensions that a migration may create.
      extensions: { pg_trgm },
      parsers: { ...RESULT_PARSERS },
      serializers: { ...PARAMETER_WRITERS },
    });
    return onPglite(db);
  } catch (cause) {
    throw new SluiceError(`the embedded Postgres in ${directory} does not start`, {
      code: "database_unreachable",
      hint: `move ${directory} away to start with an empty one, or set SLUICE_DATABASE_URL to a real Postgres`,
      cause,
    });
  }
}

/** Lays out a dump in an empty directory. */
export async function restorePglite(directory: string, dump: Uint8Array<ArrayBuffer>): Promise<void> {
  const { PGlite } = await import("@electric-sql/pglite");
  const { pg_trgm } = await import("@electric-sql/pglite/contrib/pg_trgm");
  const loadDataDir = new Blob([dump], { type: "application/x-gzip" });
  const db = await PGlite.create({ dataDir: directory, loadDataDir, extensions: { pg_trgm } });
  await db.close();
}

function onPglite(db: PGlite): Database {
  return {
    query: (sql, parameters) => rowsOf(db, sql, parameters),
    async script(sql) {
      await db.exec(sql);
    },
    transaction: (work) => db.transaction((tx) => work(onTransaction(tx, 1))),
    dump: async () => new Uint8Array(await (await db.dumpDataDir("gzip")).arrayBuffer()),
    close: () => db.close(),
  };
}

function onTransaction(tx: Transaction, depth: number): Database {
  return {
    query: (sql, parameters) => rowsOf(tx, sql, parameters),
    async script(sql) {
      await tx.exec(sql);
    },
    async transaction(work) {
      const savepoint = `sluice_${depth}`;
      await tx.exec(`savepoint ${savepoint}`);
      try {
        const result = await work(onTransaction(tx, depth + 1));
        await tx.exec(`release savepoint ${savepoint}`);
        return result;
      } catch (error) {
        await tx.exec(`rollback to savepoint ${savepoint}`);
        throw error;
      }
    },
    close: () => Promise.reject(new Error("a transaction ends by itself")),
  };
}

async function rowsOf<Row>(
  on: Pick<PGlite, "query">,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const result = await on.query<Row>(sql, parameters.map(parameterOf));
  return result.rows;
}
