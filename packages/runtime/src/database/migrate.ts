import { createHash } from "node:crypto";
import { SluiceError } from "../error.ts";
import type { Database } from "./database.ts";

/** One step of a component's schema. Once released its text never changes: a change is a further step. */
export type Migration = { readonly name: string; readonly sql: string };

/** The lock's number. Any number will do, as long as every Sluice takes the same. */
const LOCK = 7_226_514;

/**
 * Brings a component's tables up to date: each migration once, in order, each in its own transaction.
 * Processes that start together wait for one another.
 * @throws SluiceError `migration_changed`, `migration_failed`
 */
export async function migrate(database: Database, component: string, migrations: readonly Migration[]): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
    await tx.script(
      `create table if not exists sluice_migrations (
         component text not null, name text not null, sha256 text not null,
         applied_at timestamptz not null default now(),
         primary key (component, name))`,
    );
  });
  for (const migration of migrations) {
    await database.transaction((tx) => apply(tx, component, migration));
  }
}

async function apply(tx: Database, component: string, { name, sql }: Migration): Promise<void> {
  await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
  const sha256 = createHash("sha256").update(sql).digest("hex");
  const [applied] = await tx.query<{ sha256: string }>(
    "select sha256 from sluice_migrations where component = $1 and name = $2",
    [component, name],
  );
  if (applied !== undefined) {
    if (applied.sha256 === sha256) return;
    throw new SluiceError(`migration ${component}/${name} is not the one that made this database`, {
      code: "migration_changed",
      hint: "run the version of Sluice that this database belongs to, or start with an empty data directory",
    });
  }
  try {
    await tx.script(sql);
  } catch (cause) {
    throw new SluiceError(`migration ${component}/${name} failed`, {
      code: "migration_failed",
      cause,
    });
  }
  await tx.query("insert into sluice_migrations (component, name, sha256) values ($1, $2, $3)", [
    component,
    name,
    sha256,
  ]);
}
