import type { Json } from "@sluice/zendesk";
import { ANSWERS, COMPLAINTS, Refusal } from "@sluice/zendesk";
import type { Caller } from "../caller.ts";
import { isDuplicate } from "../database-error.ts";
import { OUTDATED, type ObjectDefinition } from "../objects/definition.ts";
import { LIMITS } from "../limits.ts";
import { resolveLookups } from "./lookups.ts";
import { checkExternalId, checkNameText, checkRecord, type RecordChange } from "./record-change.ts";
import type { RecordRow } from "./record-row.ts";
import { STATEMENTS, type KeyKind } from "./record-statements.ts";
import type { Store } from "../store.ts";
import { planUpsert } from "./upsert-plan.ts";

/** A record's body as it came, and how long it was on the wire. */
export type RecordBody = { readonly content: Readonly<Record<string, unknown>>; readonly bytes: number };

/** How a record is addressed. */
export type RecordIdentity = { readonly by: KeyKind; readonly value: string };

export type Written = { readonly row: RecordRow; readonly definition: ObjectDefinition; readonly created: boolean };

type Write = {
  readonly store: Store;
  readonly caller: Caller;
  readonly definition: ObjectDefinition;
  readonly key: RecordIdentity;
  readonly fence: string | null;
};

/** POST: a new record. */
export function createRecord(store: Store, object: string, body: RecordBody, caller: Caller): Promise<Written> {
  return store.definitions.with(object, async (definition) => {
    const change = checkRecord(definition, body, store.quirks);
    const nameless = change.name === undefined && !definition.nameIsNumbered;
    const missing = [...(nameless ? [COMPLAINTS.nameBlank()] : []), ...change.missing];
    if (missing.length > 0) throw Refusal.invalid(missing);
    const values = await resolveLookups(store.database, definition, change);
    if (await store.tally.isFull()) throw Refusal.invalid([COMPLAINTS.recordsFull()]);
    const write = { store, caller, definition, key: { by: "id", value: "" }, fence: null } as const;
    const statement = definition.nameIsNumbered ? STATEMENTS.insertNumbered : STATEMENTS.insert;
    const row = await run(write, statement, insertParameters(write, change, values, change.externalId ?? null));
    if (row === OUTDATED) return OUTDATED;
    if (row === undefined) throw new Error("an insert returned no row");
    store.tally.created();
    return { row, definition, created: true };
  });
}

/** PATCH by id: what is sent changes. */
export function updateRecord(
  store: Store,
  object: string,
  id: string,
  body: RecordBody,
  caller: Caller,
): Promise<Written> {
  return store.definitions.with(object, async (definition) => {
    const change = checkRecord(definition, body, store.quirks);
    const values = await resolveLookups(store.database, definition, change);
    const write = { store, caller, definition, key: { by: "id", value: id }, fence: null } as const;
    const row = await update(write, change, values);
    if (row === OUTDATED) return OUTDATED;
    if (row === undefined) throw new Refusal(ANSWERS.recordNotFound());
    return { row, definition, created: false };
  });
}

/** PATCH of the collection: creates the record or changes what is sent of it; never two rows for one key (§9). */
export function upsertRecord(
  store: Store,
  object: string,
  key: { readonly by: "external_id" | "name"; readonly value: string },
  body: RecordBody,
  { caller, fence }: { readonly caller: Caller; readonly fence: string | null },
): Promise<Written> {
  return store.definitions.with(object, async (definition) => {
    checkIdentity(definition, key);
    const change = checkRecord(definition, body, store.quirks);
    const values = await resolveLookups(store.database, definition, change);
    const write = { store, caller, definition, key, fence };
    const plan = planUpsert(definition, key, change, await store.tally.isFull());
    switch (plan.kind) {
      case "create or update": {
        const { externalId, name, sendsName, sendsExternalId } = plan;
        const row = await runUpsert(write, STATEMENTS.upsert[key.by], [
          ...insertParameters(write, { ...change, name }, values, externalId),
          sendsName,
          sendsExternalId,
        ]);
        return row === OUTDATED ? OUTDATED : found(write, row);
      }
      case "update or refuse":
      case "update or number": {
        const updated = await update(write, plan.change, values);
        if (updated === OUTDATED) return OUTDATED;
        if (updated !== undefined) return { row: updated, definition, created: false };
        if (plan.kind === "update or refuse") throw Refusal.invalid(plan.complaints);
        // Only now: a number is taken for a record that is created, not for every update.
        const row = await runUpsert(write, STATEMENTS.upsertNumbered, [
          ...insertParameters(write, change, values, key.value),
          false,
          false,
        ]);
        return row === OUTDATED ? OUTDATED : found(write, row);
      }
      default:
        return plan satisfies never;
    }
  });
}

/** DELETE by id, external_id or name. */
export function deleteRecord(
  store: Store,
  object: string,
  key: RecordIdentity,
  { caller, fence }: { readonly caller: Caller; readonly fence: string | null },
): Promise<void> {
  return store.definitions.with(object, async (definition) => {
    if (key.by !== "id") checkIdentity(definition, { by: key.by, value: key.value });
    const write = { store, caller, definition, key, fence };
    const row = await runTwice(write, STATEMENTS.delete[key.by], [caller.userId, now(store)]);
    if (row === OUTDATED) return OUTDATED;
    if (row === undefined) throw new Refusal(ANSWERS.recordNotFound());
    return undefined;
  });
}

function checkIdentity(definition: ObjectDefinition, { by, value }: RecordIdentity): void {
  if (by === "name" && !definition.nameIsUnique) throw Refusal.invalid([COMPLAINTS.nameNotUnique()]);
  const complaints = by === "name" ? checkNameText(value) : checkExternalId(value);
  if (complaints.length > 0) throw Refusal.invalid(complaints);
}

function insertParameters(
  { store, caller }: Write,
  change: RecordChange,
  values: ReadonlyMap<string, Json>,
  externalId: string | null,
): unknown[] {
  return [store.newRecordId(), externalId, change.name ?? null, jsonOf(values), caller.userId, now(store)];
}

function update(
  write: Write,
  { name, externalId }: Pick<RecordChange, "name" | "externalId">,
  values: ReadonlyMap<string, Json>,
): Promise<RecordRow | undefined | typeof OUTDATED> {
  return runTwice(write, STATEMENTS.update[write.key.by], [
    name !== undefined,
    name ?? null,
    externalId !== undefined,
    externalId ?? null,
    jsonOf(values),
    write.caller.userId,
    now(write.store),
  ]);
}

function jsonOf(values: ReadonlyMap<string, Json>): string {
  return JSON.stringify(Object.fromEntries(values));
}

function now(store: Store): string {
  return new Date(store.clock.nowMs()).toISOString();
}

function found({ definition, store }: Write, row: InsertedRow | undefined): Written {
  if (row === undefined) throw new Error("an upsert returned no row");
  if (row.created) store.tally.created();
  return { row, definition, created: row.created };
}

type InsertedRow = RecordRow & { readonly created: boolean };

/**
 * An upsert is arbitrated by one index. Two writers of one new record can meet on the other one first, which
 * Postgres reports as a duplicate; by then the other has committed, so that the next try finds its row,
 * unless that was deleted and made anew meanwhile. What is still a duplicate after all tries is one.
 */
async function runUpsert(
  write: Write,
  statement: string,
  parameters: readonly unknown[],
): Promise<InsertedRow | undefined | typeof OUTDATED> {
  const attempt = async () => {
    const row = await run(write, statement, parameters);
    return row === OUTDATED || row === undefined ? row : { ...row, created: row.id === parameters[0] };
  };
  for (let left = LIMITS.writeAttempts - 1; left > 0; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }
  return attempt();
}

/**
 * A statement sees what was there when it began. One that waited at the fence for the writer before it does
 * not see the row that this writer created, so that "nothing there" is asked a second time.
 */
async function runTwice(
  write: Write,
  statement: string,
  parameters: readonly unknown[],
): Promise<RecordRow | undefined | typeof OUTDATED> {
  return (await run(write, statement, parameters)) ?? run(write, statement, parameters);
}

async function run(
  { store, definition, key, fence }: Write,
  statement: string,
  parameters: readonly unknown[],
): Promise<RecordRow | undefined | typeof OUTDATED> {
  type Row = { current: number; allowed: number } & (RecordRow | { [Column in keyof RecordRow]: null });
  const head = [definition.id, definition.version, key.by, key.value, fence];
  const [row] = await store.database.query<Row>(statement, [...head, ...parameters]);
  if (row === undefined || row.current === 0) return OUTDATED;
  if (row.allowed === 0) throw new Refusal(ANSWERS.staleFence());
  return row.id === null ? undefined : row;
}
