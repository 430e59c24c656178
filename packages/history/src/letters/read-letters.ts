import type { HistoryDatabase } from "../store/connection.ts";
import { LIMITS } from "../limits.ts";
import type {
  FiledGroup,
  FiledLetter,
  FiledLetterFilter,
  FiledLetterName,
  FiledPageAsked,
  FiledStanding,
} from "./filed-letter.ts";
import { openLetter, type LetterRow } from "./letter-body.ts";
import { hashedName, type LetterName } from "./letter-names.ts";

type Row = LetterRow & { day: string; body: Uint8Array };
const COLUMNS = "number, day, id, kept_micros, at_ms, body";

/** A condition of SQL with its parameters, numbered from the first. */
type Condition = { readonly sql: string; readonly parameters: readonly unknown[] };

function conditionOf(
  { destinations, cause, sinceMs, untilMs, ...names }: FiledLetterFilter,
  { left, back, ids }: FiledStanding,
): Condition {
  const parameters: unknown[] = [];
  const parameter = (value: unknown): string => `$${parameters.push(value)}`;
  const parts = [
    "not rest",
    `(filing not in (select number from sluice_history.letter_filings)${
      left.length === 0 ? "" : ` or number = any(${parameter(left)}::int8[])`
    })`,
  ];
  if (back.length > 0) parts.push(`number <> all(${parameter(back)}::int8[])`);
  if (ids.length > 0) parts.push(`id <> all(${parameter(ids)}::text[])`);
  for (const [kind, name] of Object.entries(names)) {
    if (name !== undefined) parts.push(`${kind} = ${parameter(hashedName(kind as LetterName, name))}`);
  }
  if (destinations !== undefined) {
    parts.push(`destination = any(${parameter(destinations.map((name) => hashedName("destination", name)))}::text[])`);
  }
  if (cause !== undefined) parts.push(`cause = ${parameter(cause)}`);
  if (sinceMs !== undefined && Number.isFinite(sinceMs)) parts.push(`at_ms >= ${parameter(Math.ceil(sinceMs))}::int8`);
  if (untilMs !== undefined && Number.isFinite(untilMs)) parts.push(`at_ms <= ${parameter(Math.floor(untilMs))}::int8`);
  return { sql: parts.join(" and "), parameters };
}

/** A page of letters, the newest first. One that was altered is left out, and told. */
export async function pageOfLetters(
  on: HistoryDatabase,
  filter: FiledLetterFilter,
  standing: FiledStanding,
  { by, before, limit }: FiledPageAsked,
): Promise<{ readonly letters: readonly FiledLetter[]; readonly next: FiledPageAsked["before"] }> {
  const { sql, parameters } = conditionOf(filter, standing);
  const column = by === "kept" ? "kept_micros" : "at_ms";
  const all = [...parameters];
  const parameter = (value: unknown): string => `$${all.push(value)}`;
  const behind =
    before === null ? "" : `and (${column}, id) < (${parameter(before.value)}::int8, ${parameter(before.id)}::text)`;
  const most = Math.min(limit, LIMITS.lettersAtOnce);
  const rows = await on.query<Row>(
    `select ${COLUMNS} from sluice_history.dead_letters where ${sql} ${behind}
      order by ${column} desc, id desc limit ${parameter(most)}`,
    all,
  );
  const last = rows.length < most ? undefined : rows.at(-1);
  const next = last === undefined ? null : { value: Number(last[column]), id: last.id };
  return { letters: await openAll(on, rows), next };
}

/** Letters without their texts, the newest first by their times. */
export async function chooseLetters(
  on: HistoryDatabase,
  filter: FiledLetterFilter,
  standing: FiledStanding,
  most: number,
): Promise<readonly FiledLetterName[]> {
  const { sql, parameters } = conditionOf(filter, standing);
  const rows = await on.query<{ number: string; id: string; at_ms: string; destination: string }>(
    `select number, id, at_ms, destination from sluice_history.dead_letters where ${sql}
      order by at_ms desc, id desc limit $${parameters.length + 1}`,
    [...parameters, most],
  );
  return rows.map(({ number, id, at_ms: at, destination }) => ({ row: number, id, atMs: Number(at), destination }));
}

/** How many there are, and by cause and source the largest groups. */
export async function groupLetters(
  on: HistoryDatabase,
  filter: FiledLetterFilter,
  standing: FiledStanding,
): Promise<{ readonly groups: readonly FiledGroup[]; readonly letters: number }> {
  const { sql, parameters } = conditionOf(filter, standing);
  const rows = await on.query<Row & { cause: string; count: number; first: string; last: string; total: string }>(
    `with meant as (select cause, source, at_ms from sluice_history.dead_letters where ${sql}),
          groups as (select cause, source, count(*)::int as count, min(at_ms) as first, max(at_ms) as last,
                            (sum(count(*)) over ())::int8 as total
                       from meant group by cause, source order by count desc limit ${LIMITS.letterGroups})
     select groups.cause, groups.count, groups.first, groups.last, groups.total, newest.*
       from groups cross join lateral (
         select ${COLUMNS} from sluice_history.dead_letters as letters
          where letters.cause = groups.cause and letters.source = groups.source and letters.at_ms = groups.last and ${sql}
          order by id desc limit 1) as newest
      order by groups.count desc`,
    parameters,
  );
  const opened = await Promise.all(rows.map(async (row) => (await openAll(on, [row]))[0]));
  return {
    letters: Number(rows[0]?.total ?? 0),
    groups: rows.flatMap(({ cause, count, first, last }, at) => {
      const newest = opened[at];
      if (newest === undefined) return [];
      return [{ cause, letters: count, firstAtMs: Number(first), lastAtMs: Number(last), newest }];
    }),
  };
}

/** Good letters with this id, the newest first: mostly one. */
export async function lettersOf(
  on: HistoryDatabase,
  id: string,
  standing: Omit<FiledStanding, "ids">,
): Promise<readonly FiledLetter[]> {
  const { sql, parameters } = conditionOf({}, { ...standing, ids: [] });
  const rows = await on.query<Row>(
    `select ${COLUMNS} from sluice_history.dead_letters where ${sql} and id = $${parameters.length + 1} order by kept_micros desc`,
    [...parameters, id],
  );
  return await openAll(on, rows);
}

/** The whole letter of a record, whose short one names its row; null: it was dropped with its day. */
export async function restOfLetter(on: HistoryDatabase, id: string, row: string): Promise<FiledLetter | null> {
  const rows = await on.query<Row>(
    `select ${COLUMNS} from sluice_history.dead_letters where number = $1::int8 and id = $2`,
    [row, id],
  );
  return (await openAll(on, rows))[0] ?? null;
}

async function openAll(on: HistoryDatabase, rows: readonly Row[]): Promise<readonly FiledLetter[]> {
  const opened: FiledLetter[] = [];
  for (const row of rows) {
    const body = await openLetter(on, row, row.body);
    if (body === null) continue;
    const { number, day, id, kept_micros: micros, at_ms: at } = row;
    opened.push({ row: number, day, id, micros: Number(micros), atMs: Number(at), ...body });
  }
  return opened;
}
