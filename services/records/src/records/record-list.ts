import type { PageRows } from "../paging/page.ts";
import type { PageRequest } from "../paging/page-request.ts";
import { OUTDATED, type ObjectDefinition } from "../objects/definition.ts";
import { LIMITS } from "../limits.ts";
import type { Store } from "../store.ts";
import { ORDER_COLUMNS, type ListedRow, type RecordOrder } from "./record-order.ts";
import { recordColumns, type RecordRow } from "./record-row.ts";

/** `filter[…]` of the list: each filter keeps the records that it names, both together those that both name. */
export type ListFilter = { readonly ids?: readonly string[]; readonly externalIds?: readonly string[] };

export type RecordPage = PageRows<ListedRow> & { readonly definition: ObjectDefinition };

/** Hands a value to a statement, and yields the `$n` that stands for it there. */
export type Bind = (value: unknown) => string;

/** SQL about the alias `record`, made for a definition; its values are bound, never written into it. */
export type Condition = (bind: Bind, definition: ObjectDefinition) => string;

/** One condition in two forms: for the index that answers it, and for a look at single records. */
export type Narrowing = { readonly indexed: string; readonly exact: string };

/** The part of an object's records that a list is about. */
export type Selection = {
  readonly condition: Condition;
  /** A condition that holds wherever `condition` does and that an index alone answers; undefined where there is none. */
  readonly narrowing?: (...parameters: Parameters<Condition>) => Narrowing | undefined;
  /** The ranking, where the order is by relevance. */
  readonly relevance?: Relevance;
};

/**
 * How records are ranked: by the first of the tiers that they fit, and within it by how close they are, from 0 to 1, in
 * SQL about the alias `hit`, which has a name. Only `most` records of a tier are looked at, since there may be millions.
 */
export type Relevance = { readonly tiers: readonly Condition[]; readonly closeness?: Condition; readonly most: number };

/** One page of an object's live records. */
export function listRecords(
  store: Store,
  object: string,
  page: PageRequest<RecordOrder>,
  selection: Selection,
): Promise<RecordPage> {
  return store.definitions.with(object, async (definition) => {
    const { sql, parameters } = listStatement(definition, page, selection);
    const found = await readCurrent(store, sql, parameters);
    if (found === OUTDATED) return OUTDATED;
    const rows = found.slice(0, page.size);
    const backwards = page.before !== undefined;
    return { definition, rows: backwards ? rows.toReversed() : rows, hasMore: found.length > page.size };
  });
}

/** The records that a list's filter keeps. */
export function filteredBy({ ids, externalIds }: ListFilter): Condition {
  return (bind) => {
    const conditions = ["true"];
    if (ids !== undefined) conditions.push(`record.id = any(${bind(ids)}::text[])`);
    if (externalIds !== undefined) {
      conditions.push(`record.external_id = any(${bind(externalIds)}::text[])`);
    }
    return conditions.join(" and ");
  };
}

/** One live record. */
export function showRecord(
  store: Store,
  object: string,
  id: string,
): Promise<{ readonly definition: ObjectDefinition; readonly row: RecordRow | undefined }> {
  return store.definitions.with(object, async (definition) => {
    const sql = proved(`select record.* from records.record where ${LIVE} and record.id = $3::text`);
    const found = await readCurrent(store, sql, [definition.id, definition.version, id], "records.show");
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

/** $1 object, $2 the version of its definition that the rows will be shown by; `rows` are about the alias `record`. */
function proved(rows: string, more = ""): string {
  return `
with object as materialized (
  select id from records.object where id = $1::integer and version = $2::integer and deleted_at is null
)
select (select count(*) from object)::integer as current, ${recordColumns("found")}${more}
from (values (1)) as always left join (${rows}) as found on true`;
}

const LIVE = "record.object_id = $1::integer and record.deleted_at is null";

/** Exported for tests, which ask the database how it would carry the statement out. */
export function listStatement(
  definition: ObjectDefinition,
  { order, descending, size, after, before }: PageRequest<RecordOrder>,
  { condition, narrowing, relevance }: Selection,
): { sql: string; parameters: unknown[] } {
  const parameters: unknown[] = [definition.id, definition.version];
  const bind: Bind = (value) => `$${parameters.push(value)}`;
  const column = ORDER_COLUMNS[order];
  const downwards = descending !== (before !== undefined);
  const from = after ?? before;
  const beyond = () => {
    if (from === undefined) return "true";
    const operator = downwards ? "<" : ">";
    if (column === undefined) return `record.id ${operator} ${bind(from.id)}::text`;
    return `(record.${column.sql}, record.id) ${operator} (${bind(from.value)}::${column.type}, ${bind(from.id)}::text)`;
  };
  const direction = downwards ? "desc" : "asc";
  const by = (table: string) =>
    `${column === undefined ? "" : `${table}.${column.sql} ${direction}, `}${table}.id ${direction}`;
  // One row more than asked for tells whether there are more.
  const pageOf = (rows: string) => `${rows} and ${beyond()} order by ${by("record")} limit ${bind(size + 1)}::integer`;
  const fitting = () => `(${condition(bind, definition)})`;
  const narrowed = narrowing?.(bind, definition);
  if (order !== "relevance" || relevance === undefined) {
    const live = `select record.* from records.record where ${LIVE}`;
    if (narrowed === undefined) {
      const wanted = pageOf(`${live} and ${fitting()}`);
      return { sql: `${proved(wanted)} order by ${by("found")}`, parameters };
    }
    // All that the index yields is gathered before it is cut to a page: for a page alone a plan would rather walk.
    const near = `${live} and ${beyond()} order by ${by("record")}`;
    const wanted = `with few as materialized (${fewOf(near, narrowed, bind)}),
      narrowed as materialized (${live} and (select yes from few) and ${narrowed.indexed} and ${fitting()})
      (${pageOf("select record.* from narrowed as record where true")})
      union all (${pageOf(`${live} and not (select yes from few) and ${fitting()}`)})`;
    return { sql: `${proved(wanted)} order by ${by("found")}`, parameters };
  }
  const ranked = rankedBy(relevance, bind, definition, narrowed);
  const page = pageOf(`select record.id, record.relevance from (${ranked}) as record where true`);
  const wanted = `select record.*, hit.relevance from (${page}) as hit join records.record on record.id = hit.id`;
  const sql = `${proved(wanted, ", found.relevance")} order by ${by("found")}`;
  return { sql, parameters };
}

/** Whether few of the first records that are walked through fit: only then does the index yield few in all. */
function fewOf(walk: string, { exact }: Narrowing, bind: Bind): string {
  const few = `${bind(LIMITS.fewOfWalked)}::integer`;
  return `select count(*) < ${few} as yes from (
    select from (${walk} limit ${bind(LIMITS.walkedRecords)}::integer) as record where ${exact} limit ${few}) as seen`;
}

/** Ids with their relevance. Only ids and names are gathered: the records themselves are looked up for one page. */
function rankedBy(
  { tiers, closeness, most }: Relevance,
  bind: Bind,
  definition: ObjectDefinition,
  narrowed: Narrowing | undefined,
): string {
  const limit = `${bind(most)}::integer`;
  const hits = tiers.flatMap((tier, place) => {
    const hit = `select record.id, record.name, ${tiers.length - 1 - place} as tier`;
    const fitting = () => `(${tier(bind, definition)})`;
    if (narrowed === undefined) return [`(${hit} from records.record where ${LIVE} and ${fitting()} limit ${limit})`];
    const live = `from records.record where ${LIVE}`;
    return [
      `(with few as materialized (${fewOf(`select record.* ${live}`, narrowed, bind)}),
        narrowed as materialized (${hit} ${live} and (select yes from few) and ${narrowed.indexed} and ${fitting()})
        (select * from narrowed limit ${limit})
        union all (${hit} ${live} and not (select yes from few) and ${fitting()} limit ${limit}))`,
    ];
  });
  const close = closeness?.(bind, definition) ?? "0";
  return `select hit.id, round((max(hit.tier) + ${close})::numeric, 6) as relevance
    from (${hits.join(" union all ")}) as hit group by hit.id, hit.name order by max(hit.tier) desc limit ${limit}`;
}

async function readCurrent(
  store: Store,
  sql: string,
  parameters: readonly unknown[],
  prepareAs?: string,
): Promise<ListedRow[] | typeof OUTDATED> {
  type Row = { current: number } & (ListedRow | { [Column in keyof ListedRow]: null });
  const rows = await store.database.query<Row>(sql, parameters, { prepareAs });
  if (rows[0] === undefined || rows[0].current === 0) return OUTDATED;
  return rows.filter((row): row is Row & ListedRow => row.id !== null);
}
