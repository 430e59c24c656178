import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../log.ts";
import { openPglite } from "./pglite.ts";

/**
 * Postgres, wherever it runs. One SQL text works on both drivers, under these rules:
 *
 * - Results: `int8` and `numeric` are strings (exact; write `count(*)::int` for a number), `json` and
 *   `jsonb` are parsed (select `values::text` where numbers must stay exact), `timestamptz` is a
 *   Date, `timestamp` and `date` are strings, `bytea` is a Uint8Array.
 * - Parameters: strings, numbers, bigints, booleans, null, Uint8Array, Dates, and arrays of these
 *   for array types. JSON goes in as a string that holds it.
 */
export interface Database {
  /**
   * One statement with `$1` … parameters. With `prepareAs` it is read and planned once for each connection, under that name,
   * which must always stand for the same text: for statements that are run again and again, whose best plan does not depend
   * on how much there is. (A pooler between must keep prepared statements, as PgBouncer does since 1.21.)
   */
  query<Row = Record<string, unknown>>(
    sql: string,
    parameters?: readonly unknown[],
    options?: { readonly prepareAs?: string | undefined },
  ): Promise<Row[]>;
  /** Several statements without parameters, as migrations have them. */
  script(sql: string): Promise<void>;
  /**
   * Commits when `work` resolves and rolls back when it rejects. Within it only `tx` may be used: the
   * embedded Postgres has one connection, so a query on the outer database would wait for ever.
   * `tx.transaction` is a savepoint.
   */
  transaction<T>(work: (tx: Database) => Promise<T>): Promise<T>;
  /** All of the embedded Postgres as it is now, in the form that `restorePglite` takes; a real Postgres has means of its own. */
  dump?(): Promise<Uint8Array>;
  close(): Promise<void>;
}

export type DatabaseOptions = {
  /** `postgres://…`; without it the embedded Postgres (PGlite) in `dataDir`/postgres. */
  readonly url?: string | undefined;
  readonly dataDir: string;
  readonly log: Log;
};

/**
 * Opens the database and proves that it answers. The embedded one belongs to one process: take the
 * data directory's lock first.
 * @throws SluiceError `database_unreachable`, `database_encoding`
 */
export async function openDatabase({ url, dataDir, log }: DatabaseOptions): Promise<Database> {
  if (url !== undefined && url !== "") {
    const { openPostgres } = await import("./postgres.ts");
    return await openPostgres(url, log);
  }
  const directory = join(dataDir, "postgres");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return openPglite(directory);
}
