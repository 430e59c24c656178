import { COMPLAINTS, type Complaint } from "@sluice/zendesk";
import type { ObjectDefinition } from "../objects/definition.ts";
import type { RecordChange } from "./record-change.ts";

/** The steps of one upsert, decided before the database is asked. */
export type UpsertPlan =
  | {
      /** Creating and updating are both fine: one statement decides. */
      readonly kind: "create or update";
      /** Says which columns of an existing record are replaced. */
      readonly statement: "upsertByExternalId" | "upsertByName" | "upsertByNameWithExternalId";
      readonly content: { readonly external_id: string | null; readonly name: string };
    }
  | {
      /** The body can't make a new record: change the existing one, or refuse. */
      readonly kind: "update or refuse";
      readonly change: UpdatePart;
      readonly complaints: readonly Complaint[];
    }
  | {
      /** A new record would take a number for its name. */
      readonly kind: "update or number";
      readonly change: UpdatePart;
    };

type UpdatePart = Pick<RecordChange, "name" | "externalId">;

/** Rows 7 to 15 and 30 of §9. */
export function planUpsert(
  { nameIsNumbered }: Pick<ObjectDefinition, "nameIsNumbered">,
  key: { readonly by: "external_id" | "name"; readonly value: string },
  change: RecordChange,
  full: boolean,
): UpsertPlan {
  return key.by === "name"
    ? planByName(key.value, change, full)
    : planByExternalId(nameIsNumbered, key.value, change, full);
}

function planByExternalId(nameIsNumbered: boolean, key: string, change: RecordChange, full: boolean): UpsertPlan {
  // A null here would take from the record the key that it was just addressed by: it counts as not sent (row 9).
  const externalId = change.externalId ?? undefined;
  const renames = externalId !== undefined && externalId !== key;
  const complaints = [
    ...(change.name === undefined && !nameIsNumbered ? [COMPLAINTS.nameBlank()] : []),
    ...change.missing,
    ...(renames ? [COMPLAINTS.externalIdDiffers()] : []),
    ...(full ? [COMPLAINTS.recordsFull()] : []),
  ];
  const part: UpdatePart = { name: change.name, externalId: renames ? externalId : undefined };
  if (complaints.length > 0) return { kind: "update or refuse", change: part, complaints };
  if (nameIsNumbered || change.name === undefined) return { kind: "update or number", change: part };
  const content = { external_id: key, name: change.name };
  return { kind: "create or update", statement: "upsertByExternalId", content };
}

/** Row 8: the name comes from the query, so that it is never missing. */
function planByName(key: string, change: RecordChange, full: boolean): UpsertPlan {
  const renames = change.name !== undefined && change.name !== key;
  const complaints = [
    ...change.missing,
    ...(renames ? [COMPLAINTS.nameDiffers()] : []),
    ...(full ? [COMPLAINTS.recordsFull()] : []),
  ];
  if (complaints.length > 0) {
    const name = renames ? change.name : undefined;
    return { kind: "update or refuse", change: { name, externalId: change.externalId }, complaints };
  }
  return {
    kind: "create or update",
    statement: change.externalId === undefined ? "upsertByName" : "upsertByNameWithExternalId",
    content: { external_id: change.externalId ?? null, name: key },
  };
}
