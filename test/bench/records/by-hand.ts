import { Client } from "pg";
import { serveParent } from "../child.ts";
import { rowAt } from "./row.ts";

/** A loop of one prepared statement on each connection: what the database does alone. */
export type ByHand = {
  readonly databaseUrl: string;
  readonly connections: number;
  readonly writes: number;
  readonly keys: number;
  /** A table with a key and nothing else, or the store's own, with all its indexes. */
  readonly table: "plain" | "store";
};

export type ByHandReport = { readonly perSecond: number };

const STATEMENTS = {
  plain: {
    name: "plain",
    text: `insert into plain as kept (key, name, fields, updated_at) values ($1, $2, $3, now())
      on conflict (key) do update set name = excluded.name, fields = kept.fields || excluded.fields, updated_at = excluded.updated_at`,
  },
  store: {
    name: "store",
    text: `insert into records.record as kept
        (id, object_id, external_id, name, fields, created_by, updated_by, created_at, updated_at)
      values (gen_random_uuid()::text, (select id from records.object where key = 'by_hand'), $1, $2, $3, '1', '1', now(), now())
      on conflict (object_id, external_id) where deleted_at is null and external_id is not null
      do update set name = excluded.name, fields = kept.fields || excluded.fields, updated_at = excluded.updated_at`,
  },
} as const;

if (import.meta.main) {
  serveParent(async () => ({ obey: run, close: async () => {} }));
}

async function run({ databaseUrl, connections, writes, keys, table }: ByHand): Promise<ByHandReport> {
  const clients = Array.from({ length: connections }, () => new Client({ connectionString: databaseUrl }));
  await Promise.all(clients.map((client) => client.connect()));
  const rows = Array.from({ length: writes }, (_, index) => {
    const { externalId, name, fields } = rowAt(index, keys);
    return [externalId, name, JSON.stringify(fields)];
  });
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      while (next < rows.length) await client.query({ ...STATEMENTS[table], values: rows[next++]! });
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  await Promise.all(clients.map((client) => client.end()));
  return { perSecond: writes / seconds };
}
