import { Pool, types, type PoolClient } from "pg";
import { SluiceError } from "../error.ts";
import { LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { withoutPassword } from "../url.ts";
import type { Database } from "./database.ts";
import { RESULT_PARSERS, parameterOf } from "./values.ts";

/**
 * An external Postgres through a pool of connections.
 * @throws SluiceError `database_unreachable`, `database_encoding`
 */
export async function openPostgres(url: string, log: Log): Promise<Database> {
  const pool = new Pool({
    connectionString: url,
    max: LIMITS.databaseConnections,
    connectionTimeoutMillis: LIMITS.databaseConnectDeadlineMs,
    statement_timeout: LIMITS.databaseStatementTimeoutMs,
    application_name: "sluice",
    types: { getTypeParser: parserOf },
    // The just-in-time compiler is off: compiling a statement takes longer than any of ours runs, and a plan's estimate alone can set it off.
    // The pool waits for the promise of `onConnect`, which its types don't say.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: async (client) => {
      await client.query("set jit = off");
    },
  });
  // An idle connection that the server closed is replaced by the pool at its next use; without a
  // listener its error would end the process.
  pool.on("error", (error) => log.warn({ err: error }, "a database connection was lost"));
  try {
    await assertEncoding(pool, url);
    return onPool(pool);
  } catch (cause) {
    await pool.end();
    if (cause instanceof SluiceError) throw cause;
    throw new SluiceError(`Postgres at ${withoutPassword(url)} does not answer`, {
      code: "database_unreachable",
      hint: "check SLUICE_DATABASE_URL, or unset it to use the embedded Postgres",
      cause,
    });
  }
}

/** In any other encoding texts are cut, compared and searched as bytes, or refused: a server that was set up without a locale has such databases. */
async function assertEncoding(pool: Pool, url: string): Promise<void> {
  const { rows } = await pool.query<{ encoding: string; name: string }>(
    "select current_setting('server_encoding') as encoding, current_database() as name",
  );
  const { encoding, name } = rows[0]!;
  if (encoding === "UTF8") return;
  throw new SluiceError(`the database ${name} at ${withoutPassword(url)} has the encoding ${encoding}, not UTF8`, {
    code: "database_encoding",
    hint: `make one with \`createdb --encoding=UTF8 --template=template0 --locale=C.UTF-8 NAME\`, and name it in place of ${name}`,
  });
}

/** pg counts the types that it knows by name; any oid of the server comes here. */
type TypeId = Parameters<typeof types.getTypeParser>[0];

function parserOf(oid: TypeId): (text: string) => unknown {
  return RESULT_PARSERS[oid] ?? types.getTypeParser(oid);
}

function onPool(pool: Pool): Database {
  return {
    query: (sql, parameters, options) => rowsOf(pool, sql, parameters, options?.prepareAs),
    async script(sql) {
      await pool.query(sql);
    },
    async transaction(work) {
      const client = await pool.connect();
      // A connection whose state is unknown is not given to any other caller.
      let broken: Error | undefined;
      // The pool hears of idle connections alone: nobody would hear of one that is lost in here, and its error would end the process.
      const onLost = (error: Error): void => void (broken = error);
      client.on("error", onLost);
      try {
        await client.query("begin");
        const result = await work(onClient(client, 1)).catch(async (error: unknown) => {
          await client.query("rollback").catch((lost: Error) => (broken = lost));
          throw error;
        });
        const { command } = await client.query("commit");
        if (command === "ROLLBACK") {
          // Postgres answers COMMIT with ROLLBACK, without an error, when a statement had failed and the failure was swallowed.
          throw new SluiceError("the transaction was rolled back: a statement in it had failed", {
            code: "transaction_aborted",
          });
        }
        return result;
      } finally {
        client.off("error", onLost);
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

function onClient(client: PoolClient, depth: number): Database {
  return {
    query: (sql, parameters, options) => rowsOf(client, sql, parameters, options?.prepareAs),
    async script(sql) {
      await client.query(sql);
    },
    async transaction(work) {
      const savepoint = `sluice_${depth}`;
      await client.query(`savepoint ${savepoint}`);
      try {
        const result = await work(onClient(client, depth + 1));
        await client.query(`release savepoint ${savepoint}`);
        return result;
      } catch (error) {
        await client.query(`rollback to savepoint ${savepoint}`);
        throw error;
      }
    },
    close: () => Promise.reject(new Error("a transaction ends by itself")),
  };
}

async function rowsOf<Row>(
  on: Pool | PoolClient,
  text: string,
  parameters: readonly unknown[] = [],
  name?: string,
): Promise<Row[]> {
  const values = parameters.map(parameterOf);
  const result = await on.query(name === undefined ? { text, values } : { name, text, values });
  return result.rows as Row[];
}
