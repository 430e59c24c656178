import { ask } from "./postgres.ts";
import { seedStretch } from "./seed.ts";

/** Records of one statement, after which the clock is looked at. */
const STRETCH = 500_000;
/** The share of the time for the records: the rest is for the indexes, which take longer. */
const SHARE_FOR_ROWS = 0.2;

/**
 * Fills an object until it has `most` records or a fifth of the time is over. The indexes that hold no rule are taken away before and made
 * anew behind it: ten million records one by one through ten indexes would take a day. Making them is not cut short.
 */
export async function fillUntil({
  databaseUrl,
  object,
  most,
  minutes,
  say,
}: {
  readonly databaseUrl: string;
  readonly object: string;
  readonly most: number;
  readonly minutes: number;
  readonly say: (text: string) => void;
}): Promise<{ readonly records: number; readonly sizes: string[][] }> {
  const indexes = await ask<{ name: string; made: string }>(
    databaseUrl,
    `select indexname as name, indexdef as made from pg_indexes
     where schemaname = 'records' and tablename = 'record' and indexname <> 'record_pkey' order by indexname`,
  );
  for (const { name } of indexes) await ask(databaseUrl, `drop index records.${name}`);
  const startedAt = performance.now();
  const seconds = (from: number) => (performance.now() - from) / 1_000;
  let records = 0;
  while (records < most && seconds(startedAt) < minutes * 60 * SHARE_FOR_ROWS) {
    const to = Math.min(records + STRETCH, most);
    await seedStretch(databaseUrl, object, records, to);
    records = to;
    say(`${records} records after ${seconds(startedAt).toFixed(0)} s`);
  }
  const took = new Map<string, number>([["the rows", seconds(startedAt)]]);
  for (const { name, made } of indexes) {
    const from = performance.now();
    await ask(databaseUrl, `set maintenance_work_mem = '1GB'; ${made}`);
    took.set(name, seconds(from));
    say(`${name} after ${seconds(from).toFixed(0)} s`);
  }
  await ask(databaseUrl, "vacuum analyze records.record");
  say(`ready after ${seconds(startedAt).toFixed(0)} s`);
  const sizes = await ask<{ name: string; bytes: string }>(
    databaseUrl,
    `select 'the rows' as name, pg_table_size('records.record') as bytes
     union all select indexrelid::regclass::text, pg_relation_size(indexrelid) from pg_index where indrelid = 'records.record'::regclass`,
  );
  const inOrder = sizes.toSorted((a, b) => Number(b.bytes) - Number(a.bytes));
  return {
    records,
    sizes: inOrder.map(({ name, bytes }) => {
      const made = took.get(name.replace("records.", ""));
      return [name, (Number(bytes) / 1e6).toFixed(0), made === undefined ? "" : made.toFixed(0)];
    }),
  };
}
