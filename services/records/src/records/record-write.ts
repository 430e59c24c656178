import type { Json } from "@sluice/zendesk";
import { ANSWERS, COMPLAINTS, Refusal } from "@sluice/zendesk";
import type { Caller } from "../caller.ts";
import { OUTDATED, type ObjectDefinition } from "../objects/definition.ts";
import type { Store } from "../store.ts";
import { resolveLookups } from "./lookups.ts";
import { checkExternalId, checkNameText, checkRecord, type RecordBody, type RecordChange } from "./record-change.ts";
import type { RecordRow } from "./record-row.ts";
import type { KeyKind, RecordItem, StatementName } from "./record-statements.ts";
import { ULID } from "./ulid.ts";
import { stampsOf, type WriteStamps } from "./stamps.ts";
import { planUpsert } from "./upsert-plan.ts";

/** How a record is addressed. */
export type RecordIdentity = { readonly by: KeyKind; readonly value: string };

export type WriteResult = {
  readonly row: RecordRow;
  readonly definition: ObjectDefinition;
  readonly created: boolean;
  /** Fields that were left out, since the stored ones are newer. */
  readonly older: readonly string[];
};

/** The marks by which a late writer is known. */
export type Guard = { readonly fence: string | null; readonly stamps: WriteStamps | null };

export const UNGUARDED: Guard = { fence: null, stamps: null };

type Write = {
  readonly store: Store;
  readonly caller: Caller;
  readonly definition: ObjectDefinition;
  readonly key: RecordIdentity;
  readonly guard: Guard;
};

/** POST: a new record. */
export function createRecord(store: Store, object: string, body: RecordBody, caller: Caller): Promise<WriteResult> {
  return store.definitions.with(object, async (definition) => {
    const change = checkRecord(definition, body);
    const nameless = change.name === undefined && !definition.nameIsNumbered;
    const missing = [...(nameless ? [COMPLAINTS.nameBlank()] : []), ...change.missing];
    if (missing.length > 0) throw Refusal.invalid(missing);
    const values = await resolveLookups(store.database, definition, change);
    if (await store.tally.isFull()) throw Refusal.invalid([COMPLAINTS.recordsFull()]);
    const write = { store, caller, definition, key: { by: "id", value: "" }, guard: UNGUARDED } as const;
    const statement = definition.nameIsNumbered ? "insertNumbered" : "insert";
    const content = { external_id: change.externalId ?? null, name: change.name ?? null, fields: values };
    return (await run(write, statement, content)) ?? nothingWritten();
  });
}

/** PATCH by id: changes the members that are sent. */
export function updateRecord(
  store: Store,
  object: string,
  id: string,
  body: RecordBody,
  caller: Caller,
): Promise<WriteResult> {
  return store.definitions.with(object, async (definition) => {
    const key = { by: "id", value: id } as const;
    checkIdentity(definition, key);
    const change = checkRecord(definition, body);
    const values = await resolveLookups(store.database, definition, change);
    const write = { store, caller, definition, key, guard: UNGUARDED };
    return (await update(write, change, values)) ?? notFound();
  });
}

/** PATCH of the collection: creates the record or changes its members that are sent; never two rows for one key (§9). */
export function upsertRecord(
  store: Store,
  object: string,
  key: { readonly by: "external_id" | "name"; readonly value: string },
  body: RecordBody,
  { caller, guard }: { readonly caller: Caller; readonly guard: Guard },
): Promise<WriteResult> {
  return store.definitions.with(object, async (definition) => {
    checkIdentity(definition, key);
    const change = checkRecord(definition, body);
    const values = await resolveLookups(store.database, definition, change);
    const write = { store, caller, definition, key, guard };
    const plan = planUpsert(definition, key, change, await store.tally.isFull());
    switch (plan.kind) {
      case "create or update":
        return (await run(write, plan.statement, { ...plan.content, fields: values })) ?? nothingWritten();
      case "update or refuse":
      case "update or number": {
        const updated = await update(write, plan.change, values);
        if (updated !== undefined) return updated;
        if (plan.kind === "update or refuse") throw Refusal.invalid(plan.complaints);
        // The number for a name is taken only here: for a record that is created, not for every update.
        const content = { external_id: key.value, fields: values };
        return (await run(write, "upsertByExternalIdNumbered", content)) ?? nothingWritten();
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
  { caller, guard }: { readonly caller: Caller; readonly guard: Guard },
): Promise<WriteResult> {
  return store.definitions.with(object, async (definition) => {
    checkIdentity(definition, key);
    return (await run({ store, caller, definition, key, guard }, DELETE[key.by], {})) ?? notFound();
  });
}

const UPDATE = { id: "updateById", external_id: "updateByExternalId", name: "updateByName" } as const;
const DELETE = { id: "deleteById", external_id: "deleteByExternalId", name: "deleteByName" } as const;

function nothingWritten(): never {
  throw new Error("an insert returned no row");
}

function notFound(): never {
  throw new Refusal(ANSWERS.recordNotFound());
}

function checkIdentity(definition: ObjectDefinition, { by, value }: RecordIdentity): void {
  if (by === "id") {
    if (!ULID.test(value)) notFound();
    return;
  }
  if (by === "name" && !definition.nameIsUnique) throw Refusal.invalid([COMPLAINTS.nameNotUnique()]);
  const complaints = by === "name" ? checkNameText(value, { isKey: true }) : checkExternalId(value);
  if (complaints.length > 0) throw Refusal.invalid(complaints);
}

function update(
  write: Write,
  { name, externalId }: Pick<RecordChange, "name" | "externalId">,
  fields: ReadonlyMap<string, Json>,
): Promise<WriteResult | undefined | typeof OUTDATED> {
  return run(write, UPDATE[write.key.by], {
    sends_name: name !== undefined,
    name: name ?? null,
    sends_external_id: externalId !== undefined,
    external_id: externalId ?? null,
    fields,
  });
}

type Content = Partial<Pick<RecordItem, "name" | "sends_name" | "external_id" | "sends_external_id">> & {
  readonly fields?: ReadonlyMap<string, Json>;
};

/** Runs the statement; undefined when there was nothing to change. */
async function run(
  { store, caller, definition, key, guard }: Write,
  statement: StatementName,
  { fields = new Map(), ...content }: Content,
): Promise<WriteResult | undefined | typeof OUTDATED> {
  const { fence, stamps } = guard;
  const isDelete = statement.startsWith("delete");
  const names = typeof content.name === "string" ? ["@name"] : [];
  const outcome = await store.writer.write(definition, statement, {
    key: key.value,
    fence,
    stamps: fence === null ? {} : stampsOf(stamps, isDelete ? [""] : [...fields.keys(), ...names]),
    id: store.newRecordId(),
    external_id: null,
    name: null,
    sends_name: false,
    sends_external_id: false,
    fields: Object.fromEntries(fields),
    written_by: caller.userId,
    written_at: new Date(store.clock.nowMs()).toISOString(),
    ...content,
  });
  switch (outcome.kind) {
    case "written":
      if (outcome.created) store.tally.created();
      if (outcome.older.length > 0) tellOlder(store, definition, key, outcome.older);
      return { row: outcome.row, definition, created: outcome.created, older: outcome.older };
    case "outdone":
      tellOlder(store, definition, key, null);
      throw new Refusal(ANSWERS.staleStamp());
    case "absent":
      return undefined;
    case "stale":
      throw new Refusal(ANSWERS.staleFence(outcome.newest));
    case "refused":
      throw outcome.refusal;
    case "outdated":
      return OUTDATED;
    default:
      return outcome satisfies never;
  }
}

/** Tells of an older write. `older` null: all of the write was older. */
function tellOlder(
  { log, onOlderRefused }: Store,
  { key: object }: ObjectDefinition,
  key: RecordIdentity,
  older: readonly string[] | null,
): void {
  log.warn(
    { code: "older_write_refused", object, key: key.value, ...(older === null ? {} : { fields: older }) },
    "older values than the record shows were refused: the state of who writes them may have gone back",
  );
  onOlderRefused();
}
