import { RULINGS } from "@sluice/zendesk";
import { OUTDATED, type ObjectDefinition } from "../objects/definition.ts";
import type { RowPosition } from "../paging/page-request.ts";
import { recordColumns, type RecordRow } from "../records/record-row.ts";
import type { Store } from "../store.ts";

/** A request for an object's records, deleted ones among them, in the order of their last change. */
export type ExportRequest = {
  /** Records behind this place; an empty id: from its time on. */
  readonly after: RowPosition;
  readonly size: number;
  readonly excludeDeleted: boolean;
};

export type ExportPage = {
  readonly definition: ObjectDefinition;
  readonly rows: readonly ExportedRow[];
  readonly hasMore: boolean;
};

type ExportedRow = RecordRow & { readonly deleted: boolean };

/**
 * $1 object, $2 version, $3 and $4 the place, $5 the time after which changes are not exported yet, $6 whether without the deleted, $7 limit.
 * The latest minute is left for the next time: by then every write that began in it has ended, so that none can come in
 * before the place that an export has reached.
 */
const SELECT = `
with object as materialized (
  select id from records.object where id = $1::integer and version = $2::integer and deleted_at is null
)
select (select count(*) from object)::integer as current, found.deleted, ${recordColumns("found")}
from (values (1)) as always left join (
  select record.*, deleted_at is not null as deleted from records.record
  where object_id = $1::integer and (updated_at, id) > ($3::timestamptz, $4::text) and updated_at < $5::timestamptz
    and (deleted_at is null or not $6::boolean)
  order by updated_at, id limit $7::integer
) as found on true
order by found.updated_at, found.id`;

export function exportPage(
  store: Store,
  object: string,
  { after, size, excludeDeleted }: ExportRequest,
): Promise<ExportPage> {
  return store.definitions.with(object, async (definition) => {
    type Row = { current: number } & (ExportedRow | { [Column in keyof ExportedRow]: null });
    const settled = new Date(store.clock.nowMs() - RULINGS.exportDelayMs).toISOString();
    const found = await store.database.query<Row>(SELECT, [
      definition.id,
      definition.version,
      after.value,
      after.id,
      settled,
      excludeDeleted,
      size + 1,
    ]);
    if (found[0] === undefined || found[0].current === 0) return OUTDATED;
    const rows = found.filter((row): row is Row & ExportedRow => row.id !== null);
    return { definition, rows: rows.slice(0, size), hasMore: rows.length > size };
  });
}

/** A deleted record keeps its keys, which tell which record it was, and loses all else that it held. */
export function withoutDeleted(row: ExportedRow): RecordRow {
  if (!row.deleted) return row;
  const mask = RULINGS.deletedValue;
  const fields = Object.entries(row.fields).map(([key, value]) => [key, value === null ? null : mask] as const);
  return { ...row, name: mask, fields: Object.fromEntries(fields) };
}
