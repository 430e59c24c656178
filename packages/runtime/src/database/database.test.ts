import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createLog } from "../log.ts";
import { openDatabase, type Database } from "./database.ts";
import { migrate } from "./migrate.ts";

const log = createLog({ role: "test", level: "silent" });
const drivers: readonly [string, string | undefined][] = [["PGlite", undefined]];
const url = inject("databaseUrl") ?? undefined;

/** A data directory with a Postgres that was made before: making one takes ten seconds of processor time (test/servers.ts). */
function dataDirectory(): string {
  const dataDir = mkdtempSync(join(inject("folder"), "database-"));
  cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  return dataDir;
}

describe.each(url === undefined ? drivers : [...drivers, ["Postgres", url] as const])("on %s", (_name, server) => {
  const table = `t_${randomUUID().replaceAll("-", "")}`;
  let database: Database;

  beforeAll(async () => {
    database = await openDatabase({ url: server, dataDir: dataDirectory(), log });
    await database.script(`create table ${table} (id int primary key, note text)`);
  });
  afterAll(async () => {
    await database.script(`drop table ${table}`);
    await database.close();
  });

  const notes = async (): Promise<unknown[]> =>
    (await database.query<{ note: string }>(`select note from ${table} order by id`)).map(({ note }) => note);

  test("values come back in one form", async () => {
    const [row] = await database.query(
      `select $1::int8 as big, $2::numeric as exact, $3::jsonb as json, $4::timestamptz as instant, $5::date as day,
              $6::bytea as bytes, $7::text[] as texts, $8::bool as yes, $9::text as nothing, $10::text as number,
              '2024-01-02 03:04:05'::timestamp as local, 7 as int`,
      [
        2n ** 62n,
        "1.50",
        '{"a":[1]}',
        new Date(0),
        "2024-01-02",
        new Uint8Array([1, 255]),
        ["a", "b"],
        true,
        undefined,
        5,
      ],
    );
    expect({ ...row, bytes: Array.from(row?.["bytes"] as Uint8Array) }).toEqual({
      big: "4611686018427387904",
      exact: "1.50",
      json: { a: [1] },
      instant: new Date(0),
      day: "2024-01-02",
      bytes: [1, 255],
      texts: ["a", "b"],
      yes: true,
      nothing: null,
      number: "5",
      local: "2024-01-02 03:04:05",
      int: 7,
    });
  });

  test("a statement that is prepared under a name answers like any other, each time with its own parameters", async () => {
    const prepareAs = `doubled_${randomUUID()}`;
    const doubled = (tx: Database, n: number) => tx.query("select $1::int * 2 as twice", [n], { prepareAs });
    await database.transaction(async (tx) => {
      expect([await doubled(tx, 1), await doubled(tx, 21)]).toEqual([[{ twice: 2 }], [{ twice: 42 }]]);
      const kept = await tx.query("select 1 from pg_prepared_statements where name = $1", [prepareAs]);
      // The embedded Postgres has no use for the name.
      expect(kept).toHaveLength(server === undefined ? 0 : 1);
    });
  });

  test("a transaction that rejects leaves nothing behind, one that resolves leaves all", async () => {
    const failing = database.transaction(async (tx) => {
      await tx.query(`insert into ${table} values (1, 'lost')`);
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    await database.transaction(async (tx) => tx.query(`insert into ${table} values (1, 'kept')`));
    expect(await notes()).toEqual(["kept"]);
  });

  test("a transaction inside one can fail alone", async () => {
    await database.transaction(async (tx) => {
      await tx.query(`insert into ${table} values (2, 'outer')`);
      await tx.transaction(async (inner) => inner.query(`insert into ${table} values (1, 'again')`)).catch(() => {});
      await tx.query(`insert into ${table} values (3, 'after')`);
    });
    expect(await notes()).toEqual(["kept", "outer", "after"]);
  });

  test("a failed statement that was swallowed is not taken for a commit", async () => {
    const swallowing = database.transaction(async (tx) => {
      await tx.query(`insert into ${table} values (4, 'never')`);
      await tx.query("select nonsense").catch(() => {});
    });
    await expect(swallowing).rejects.toThrow();
    expect(await notes()).not.toContain("never");
  });

  test("queries beside a transaction do not slip into it", async () => {
    let beside: Promise<unknown> = Promise.resolve();
    const failing = database.transaction(async (tx) => {
      await tx.query(`insert into ${table} values (5, 'rolled back')`);
      beside = database.query(`insert into ${table} values (6, 'beside')`);
      await tx.query("select 1");
      throw new Error("back");
    });
    await expect(failing).rejects.toThrow("back");
    await beside;
    expect(await notes()).toEqual(["kept", "outer", "after", "beside"]);
  });

  test("migrations run once each, in order, and one that was altered is refused", async () => {
    const component = `test-${randomUUID()}`;
    const first = {
      name: "1",
      sql: `insert into ${table} values (10, 'first'); insert into ${table} values (11, 'second')`,
    };
    const second = { name: "2", sql: `update ${table} set note = note || '!' where id = 11` };
    await migrate(database, component, [first]);
    await Promise.all([migrate(database, component, [first, second]), migrate(database, component, [first, second])]);
    expect((await notes()).slice(-2)).toEqual(["first", "second!"]);
    await expect(migrate(database, component, [{ ...first, sql: "select 1" }])).rejects.toMatchObject({
      code: "migration_changed",
    });
    await expect(migrate(database, component, [{ name: "3", sql: "nonsense" }])).rejects.toMatchObject({
      code: "migration_failed",
    });
  });
});

test("what the embedded Postgres committed is there after a SIGKILL", async () => {
  const dataDir = dataDirectory();
  const program = `
    const { createLog, openDatabase } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
    const database = await openDatabase({ dataDir: ${JSON.stringify(dataDir)}, log: createLog({ role: "test", level: "silent" }) });
    await database.script("create table kept (n int); insert into kept values (1), (2)");
    process.kill(process.pid, "SIGKILL");`;
  expect(() => execFileSync(process.execPath, ["--input-type=module", "-e", program])).toThrow(
    /SIGKILL|Command failed/,
  );
  const database = await openDatabase({ dataDir, log });
  expect(await database.query("select count(*)::int as n from kept")).toEqual([{ n: 2 }]);
  await database.close();
});

test("a Postgres that does not answer is an error with its address and without its password", async () => {
  const opening = openDatabase({ url: "postgres://me:hidden@127.0.0.1:1/x", dataDir: "/nowhere", log });
  await expect(opening).rejects.toMatchObject({
    code: "database_unreachable",
    hint: expect.stringContaining("SLUICE_DATABASE_URL"),
  });
  await expect(opening).rejects.toThrow("postgres://127.0.0.1:1/x");
});

test.skipIf(url === undefined)("a database that is not in UTF-8 is refused, with the way to one that is", async () => {
  const server = await openDatabase({ url, dataDir: "/nowhere", log });
  const name = `ascii_${randomUUID().replaceAll("-", "")}`;
  await server.script(`create database ${name} encoding 'SQL_ASCII' locale 'C' template template0`);
  const other = new URL(url!);
  other.pathname = name;
  const opening = openDatabase({ url: other.href, dataDir: "/nowhere", log });
  await expect(opening).rejects.toMatchObject({
    code: "database_encoding",
    message: expect.stringContaining(`the database ${name} at`),
    hint: expect.stringContaining("createdb --encoding=UTF8"),
  });
  await server.script(`drop database ${name}`);
  await server.close();
});
