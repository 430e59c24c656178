import { groupCommit, type GroupCommit } from "@sluice/group-commit";
import type { Database } from "@sluice/runtime";
import type { Refusal } from "@sluice/zendesk";
import { isDuplicate, isOfTheData, refusalOfDatabaseError } from "../database-error.ts";
import { LIMITS } from "../limits.ts";
import type { ObjectDefinition } from "../objects/definition.ts";
import type { RecordRow } from "./record-row.ts";
import { STATEMENTS, type RecordItem, type StatementName } from "./record-statements.ts";

/** The outcome of one record's write. */
export type RecordOutcome =
  /** `older`: fields that were left out, since the stored ones are newer. */
  | {
      readonly kind: "written";
      readonly row: RecordRow;
      readonly created: boolean;
      readonly older: readonly string[];
    }
  /** All that was sent is older than the stored record. */
  | { readonly kind: "outdone" }
  /** There was no record to change. */
  | { readonly kind: "absent" }
  /** A writer with a higher fence was there before. `newest` null: that writer came while this statement ran. */
  | { readonly kind: "stale"; readonly newest: string | null }
  /** The write breaks a rule that the database holds. */
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** The definition that the record was checked against is not the current one any more. */
  | { readonly kind: "outdated" };

/** Writes records. Records that are handed in while a statement runs go into the next one, one record for each key. */
export type RecordWriter = {
  /** Rejects when the database does not answer. */
  write(definition: ObjectDefinition, statement: StatementName, item: RecordItem): Promise<RecordOutcome>;
};

export function recordWriter(database: Database): RecordWriter {
  type Group = GroupCommit<RecordItem, RecordOutcome>;
  // A version of an object's definition has groups of its own: one statement proves one version.
  const groups = new WeakMap<ObjectDefinition, Map<StatementName, Group>>();

  const groupOf = (definition: ObjectDefinition, statement: StatementName): Group => {
    const ofDefinition = groups.get(definition) ?? new Map<StatementName, Group>();
    groups.set(definition, ofDefinition);
    const known = ofDefinition.get(statement);
    if (known !== undefined) return known;
    const group = groupCommit<RecordItem, RecordOutcome>({
      commit: (items) => writeTogether(database, definition, statement, items),
      // A record has at most 32 KB.
      maxItems: LIMITS.recordsPerStatement,
      beside: LIMITS.statementsBeside,
      keyOf: ({ key }) => (key === "" ? undefined : key),
    });
    ofDefinition.set(statement, group);
    return group;
  };

  return { write: (definition, statement, item) => groupOf(definition, statement).add(item) };
}

/** Writes all items in one statement. If one item's fault undoes it, each item gets its own, so that only that one fails. */
async function writeTogether(
  database: Database,
  definition: ObjectDefinition,
  statement: StatementName,
  items: readonly RecordItem[],
): Promise<RecordOutcome[]> {
  if (items.length > 1) {
    try {
      return await write(database, definition, statement, items);
    } catch (error) {
      if (!isOfTheData(error)) throw error;
    }
  }
  const outcomes: RecordOutcome[] = [];
  for (const item of items) outcomes.push(await writeAlone(database, definition, statement, item));
  return outcomes;
}

/**
 * An upsert is arbitrated by one index. Two writers of one new record can meet on the other one first, which
 * Postgres reports as a duplicate; by then the other has committed, so that the next try finds its row,
 * unless that was deleted and made anew meanwhile. A duplicate that remains after all tries is a real one.
 */
async function writeAlone(
  database: Database,
  definition: ObjectDefinition,
  statement: StatementName,
  item: RecordItem,
): Promise<RecordOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [outcome] = await write(database, definition, statement, [item]);
      if (outcome === undefined) throw new Error("a statement returned no row for its item");
      return outcome;
    } catch (error) {
      if (isDuplicate(error) && statement.startsWith("upsert") && attempt < LIMITS.writeAttempts) continue;
      const refusal = isOfTheData(error) ? refusalOfDatabaseError(error) : undefined;
      if (refusal === undefined) throw error;
      return { kind: "refused", refusal };
    }
  }
}

/**
 * A statement sees what was there when it began. A statement that waited at the fence for another writer does
 * not see the row that this other one created, so that "nothing there" is asked a second time.
 */
async function write(
  database: Database,
  definition: ObjectDefinition,
  statement: StatementName,
  items: readonly RecordItem[],
): Promise<RecordOutcome[]> {
  const outcomes = await run(database, definition, statement, items);
  const again = items.flatMap((item, place) =>
    item.fence !== null && outcomes[place]?.kind === "absent" ? [{ item, place }] : [],
  );
  if (again.length === 0) return outcomes;
  const second = await run(
    database,
    definition,
    statement,
    again.map(({ item }) => item),
  );
  for (const [index, { place }] of again.entries()) outcomes[place] = second[index]!;
  return outcomes;
}

type ResultRow = {
  readonly current: number;
  readonly allowed: boolean;
  readonly newest: string | null;
  readonly outdone: boolean;
  readonly older: readonly string[] | null;
  readonly created: boolean;
} & (RecordRow | { readonly [Column in keyof RecordRow]: null });

async function run(
  database: Database,
  definition: ObjectDefinition,
  statement: StatementName,
  items: readonly RecordItem[],
): Promise<RecordOutcome[]> {
  const rows = await database.query<ResultRow>(
    STATEMENTS[statement],
    [definition.id, definition.version, JSON.stringify(items)],
    // The other statements join the records: a plan that was made while there were few would be kept too long.
    { prepareAs: /^(?:insert|upsert)/.test(statement) ? `records.${statement}` : undefined },
  );
  return rows.map(outcomeOf);
}

function outcomeOf({ current, allowed, newest, outdone, older, created, ...row }: ResultRow): RecordOutcome {
  if (current === 0) return { kind: "outdated" };
  if (outdone) return { kind: "outdone" };
  if (!allowed) return { kind: "stale", newest };
  return row.id === null ? { kind: "absent" } : { kind: "written", row, created, older: older ?? [] };
}
