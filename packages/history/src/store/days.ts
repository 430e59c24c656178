import type { Database } from "@sluice/runtime";

const DAY_MS = 86_400_000;

/** A day's name, `2026-11-28`, by UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Makes the partitions of a day, where they are missing. Processes that do it together wait for one another. */
export async function makeDay(database: Database, day: string): Promise<void> {
  const next = dayOf(Date.parse(day) + DAY_MS);
  await database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
    // Searches share the machine with the flow, and starting workers for one takes longer than its scan.
    for (const [table, name] of [
      ["segments", partitionOf(day)],
      ["dead_letters", letterPartitionOf(day)],
    ]) {
      await tx.script(
        `create table if not exists sluice_history.${name}
           partition of sluice_history.${table} for values from ('${day}') to ('${next}') with (parallel_workers = 0)`,
      );
    }
  });
}

export type Day = { readonly day: string; readonly bytes: number };

/** The days that there are, the oldest first, each with its size including indexes and bodies. */
export async function daysOf(database: Database): Promise<readonly Day[]> {
  const rows = await database.query<{ name: string; bytes: string }>(
    `select right(c.relname, ${DAY_LENGTH}) as name, sum(pg_total_relation_size(c.oid))::int8 as bytes
       from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent in ('sluice_history.segments'::regclass, 'sluice_history.dead_letters'::regclass)
      group by name order by name`,
  );
  return rows.map(({ name, bytes }) => ({ day: name.replaceAll("_", "-"), bytes: Number(bytes) }));
}

/** The days of which dead letters may be there. */
export async function letterDaysOf(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ name: string }>(
    `select right(c.relname, ${DAY_LENGTH}) as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'sluice_history.dead_letters'::regclass`,
  );
  return rows.map(({ name }) => name.replaceAll("_", "-"));
}

/** The days to drop: every day that is too old, then the oldest until the rest has room. The last day stays. */
export function daysToDrop(
  days: readonly Day[],
  { nowMs, keepMs, mostBytes }: { readonly nowMs: number; readonly keepMs: number; readonly mostBytes: number },
): readonly string[] {
  const oldest = dayOf(nowMs - keepMs);
  let bytes = days.reduce((sum, each) => sum + each.bytes, 0);
  const gone: string[] = [];
  for (const [at, each] of days.entries()) {
    const isLast = at === days.length - 1;
    if (isLast || (each.day >= oldest && bytes <= mostBytes)) break;
    bytes -= each.bytes;
    gone.push(each.day);
  }
  return gone;
}

export async function dropDay(database: Database, day: string): Promise<void> {
  const names = [partitionOf(day), letterPartitionOf(day)].map((name) => `sluice_history.${name}`);
  await database.script(`drop table if exists ${names.join(", ")}`);
}

export function partitionOf(day: string): string {
  return `segments_${inName(day)}`;
}

function letterPartitionOf(day: string): string {
  return `dead_letters_${inName(day)}`;
}

function inName(day: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) throw new Error(`"${day}" is no day`);
  return day.replaceAll("-", "_");
}

const DAY_LENGTH = "2026_11_29".length;
/** Any number will do, as long as every Sluice takes the same. */
const LOCK = 7_226_515;
