import { ask } from "./postgres.ts";

/**
 * Fills an object with so many records, in one statement beside the API: a million by hand would take the benchmark's hour.
 * The score of a record is ten times its number plus 5000, so that each value is one record's alone.
 */
export async function seed(databaseUrl: string, object: string, count: number): Promise<void> {
  await seedStretch(databaseUrl, object, 0, count);
  await ask(databaseUrl, "vacuum analyze records.record");
}

/** Makes the records from one number on, up to another one that is not made. */
export async function seedStretch(databaseUrl: string, object: string, from: number, to: number): Promise<void> {
  await ask(
    databaseUrl,
    `insert into records.record (id, object_id, external_id, name, fields, created_by, updated_by, created_at, updated_at)
     select '01' || lpad(n::text, 24, '0'), object.id, 'netsuite:' || n, 'Customer ' || n,
       jsonb_build_object('tier', (array['gold', 'silver', 'bronze', 'tin'])[n % 4 + 1],
         'city', (array['Lisbon', 'Oslo', 'Graz', 'Lyon', 'Turin', 'Ghent', 'Porto', 'Malmö'])[n / 4 % 8 + 1],
         'score', n * 10 + 5000, 'balance', (n % 100000) / 100.0,
         'due', to_char(date '2026-01-01' + n % 365, 'YYYY-MM-DD'), 'note', 'order ' || n || ' came by post to the desk'),
       '1', '1', timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second'
     from generate_series($2::integer, $3::integer - 1) as n, records.object where object.key = $1::text`,
    [object, from, to],
  );
}
