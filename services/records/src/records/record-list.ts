import { isStorableText } from "@sluice/zendesk";
import type { Cursor, PageRequest, Sort } from "./cursor.ts";
import { OUTDATED, type ObjectDefinition } from "../objects/definition.ts";
import { recordColumns, type RecordRow } from "./record-row.ts";
import type { Store } from "../store.ts";

/** `filter[…]` of the list: each keeps the records that it names, both together those that both name. */
export type ListFilter = { readonly ids?: readonly string[]; readonly externalIds?: readonly string[] };

export type RecordPage = {
  readonly definition: ObjectDefinition;
  readonly rows: readonly RecordRow[];
  /** Whether there are more in the direction that was asked for. */
  readonly hasMore: boolean;
};

/** One page of an object's live records. */
export function listRecords(store: Store, object: string, page: PageRequest, filter: ListFilter): Promise<RecordPage> {
  return store.definitions.with(object, async (definition) => {
    const backwards = page.before !== undefined;
    const { sql, parameters } = listStatement(definition, page, filter);
    const found = await readCurrent(store, sql, parameters);
    if (found === OUTDATED) return OUTDATED;
    const rows = found.slice(0, page.size);
    return { definition, rows: backwards ? rows.toReversed() : rows, hasMore: found.length > page.size };
  });
}

/** One live record. */
export function showRecord(
  store: Store,
  object: string,
  id: string,
): Promise<{ readonly definition: ObjectDefinition; readonly row: RecordRow | undefined }> {
  return store.definitions.with(object, async (definition) => {
    const sql = `${selectRecords("record.id = $3::text")} ${FOOT}`;
    const found = await readCurrent(store, sql, [definition.id, definition.version, id]);
    return found === OUTDATED ? OUTDATED : { definition, row: found[0] };
  });
}

/** How many live records an object has. */
export function countRecords(store: Store, object: string): Promise<number> {
  return store.definitions.with(object, async ({ id }) => {
    const [row] = await store.database.query<{ count: number }>(
      "select count(*)::integer as count from records.record where object_id = $1::integer and deleted_at is null",
      [id],
    );
    return row?.count ?? 0;
  });
}

/** $1 object, $2 the version of its definition that the rows will be shown by. */
function selectRecords(condition: string): string {
  return `
with object as materialized (
  select id from records.object where id = $1::integer and version = $2::integer and deleted_at is null
)
select (select count(*) from object)::integer as current, ${recordColumns("found")}
from (values (1)) as always left join (
  select record.* from records.record
  where record.object_id = $1::integer and record.deleted_at is null and ${condition}`;
}

const FOOT = ") as found on true";

function listStatement(
  { id, version }: ObjectDefinition,
  { sort, size, after, before }: PageRequest,
  { ids, externalIds }: ListFilter,
): { sql: string; parameters: unknown[] } {
  const parameters: unknown[] = [id, version];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  const conditions = ["true"];
  if (ids !== undefined) conditions.push(`record.id = any(${bind(ids.filter(isStorableText))}::text[])`);
  if (externalIds !== undefined) {
    conditions.push(`record.external_id = any(${bind(externalIds.filter(isStorableText))}::text[])`);
  }
  const descending = sort.descending !== (before !== undefined);
  const from = after ?? before;
  if (from !== undefined) conditions.push(beyond(from, sort, descending, bind));
  const direction = descending ? "desc" : "asc";
  const order = (table: string) =>
    sort.column === "id" ? `${table}.id ${direction}` : `${table}.updated_at ${direction}, ${table}.id ${direction}`;
  // One more than asked for tells whether there are more.
  const limit = bind(size + 1);
  return {
    sql: `${selectRecords(conditions.join(" and "))}
  order by ${order("record")} limit ${limit}::integer
${FOOT} order by ${order("found")}`,
    parameters,
  };
}

function beyond(
  { id, updatedAtMs }: Cursor,
  { column }: Sort,
  descending: boolean,
  bind: (value: unknown) => string,
): string {
  const operator = descending ? "<" : ">";
  if (column === "id") return `record.id ${operator} ${bind(id)}::text`;
  const time = bind(new Date(updatedAtMs).toISOString());
  return `(record.updated_at, record.id) ${operator} (${time}::timestamptz, ${bind(id)}::text)`;
}

async function readCurrent(
  store: Store,
  sql: string,
  parameters: readonly unknown[],
): Promise<RecordRow[] | typeof OUTDATED> {
  type Row = { current: number } & (RecordRow | { [Column in keyof RecordRow]: null });
  const rows = await store.database.query<Row>(sql, parameters);
  if (rows[0] === undefined || rows[0].current === 0) return OUTDATED;
  return rows.filter((row): row is Row & RecordRow => row.id !== null);
}
