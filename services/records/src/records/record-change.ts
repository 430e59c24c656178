import type { Json } from "@sluice/zendesk";
import {
  COMPLAINTS,
  LIMITS,
  RULINGS,
  Refusal,
  recordAsSent,
  type CheckedFields,
  type Complaint,
} from "@sluice/zendesk";
import { emptyListsAsObjects } from "../empty-list.ts";
import type { ObjectDefinition } from "../objects/definition.ts";
import type { UnknownFields } from "../preference.ts";

/** A record's body as it came, how long it was on the wire, and how keys that the object does not have are taken. */
export type RecordBody = {
  readonly content: Readonly<Record<string, unknown>>;
  readonly bytes: number;
  readonly unknownFields: UnknownFields;
};

/** A record's body after every check that needs no other record. */
export type RecordChange = {
  /** Undefined: the name was not sent, and so is left alone. */
  readonly name: string | undefined;
  /** Undefined: the external id was not sent. Null: it is cleared. */
  readonly externalId: string | null | undefined;
  readonly values: ReadonlyMap<string, Json>;
  readonly lookups: CheckedFields["lookups"];
  /** Complaints about required fields that were not sent: such a change can't create a record, only change one. */
  readonly missing: readonly Complaint[];
};

/**
 * Checks a body against the object's definition.
 * @throws Refusal 422 with everything that is wrong
 */
export function checkRecord(definition: ObjectDefinition, { content, bytes, unknownFields }: RecordBody): RecordChange {
  const parsed = recordAsSent.safeParse(emptyListsAsObjects(content, ["custom_object_fields"]));
  if (!parsed.success) {
    const members = new Set(parsed.error.issues.map(({ path }) => path[0]));
    throw Refusal.invalid([...members].map(complaintOfMember));
  }
  const sent = parsed.data;
  const name = checkName(definition, sent.name);
  // A capture of the real API shows "" for no external id; were it a value, only one record could have it.
  const externalId = sent.external_id === "" ? null : sent.external_id;
  const checked = definition.check(sent.custom_object_fields ?? {}, { unknown: unknownFields });
  const complaints = [
    ...name.complaints,
    ...(typeof externalId === "string" ? checkExternalId(externalId) : []),
    ...checked.complaints,
    ...(sent.photo === undefined || sent.photo === null ? [] : [COMPLAINTS.photoNotAllowed()]),
  ];
  if (complaints.length === 0 && isTooLarge(sent, bytes)) complaints.push(COMPLAINTS.recordTooLarge());
  if (complaints.length > 0) throw Refusal.invalid(complaints);
  return {
    name: name.value,
    externalId,
    values: checked.values,
    lookups: checked.lookups,
    missing: checked.missing,
  };
}

/** Why this text can't be an external id. */
export function checkExternalId(text: string): Complaint[] {
  if (isLonger(text, RULINGS.externalIdMaxCharacters)) return [COMPLAINTS.externalIdTooLong()];
  return RULINGS.unseenInKeys.test(text) ? [COMPLAINTS.externalIdUnseen()] : [];
}

/** Why this text can't be a name, or, with `isKey`, a name that is a key. */
export function checkNameText(text: string, { isKey }: { readonly isKey: boolean }): Complaint[] {
  if (text.trim() === "") return [COMPLAINTS.nameBlank()];
  if (isLonger(text, RULINGS.nameMaxCharacters)) return [COMPLAINTS.nameTooLong()];
  return isKey && RULINGS.unseenInKeys.test(text) ? [COMPLAINTS.nameUnseen()] : [];
}

function checkName(
  { nameIsNumbered, nameIsUnique }: ObjectDefinition,
  name: string | null | undefined,
): { value: string | undefined; complaints: Complaint[] } {
  if (name === undefined) return { value: undefined, complaints: [] };
  if (nameIsNumbered) {
    // Clients that send every member send a null here (§8.5).
    return { value: undefined, complaints: name === null ? [] : [COMPLAINTS.nameNumbered()] };
  }
  return { value: name ?? undefined, complaints: checkNameText(name ?? "", { isKey: nameIsUnique }) };
}

function complaintOfMember(member: PropertyKey | undefined): Complaint {
  if (member === "name") return COMPLAINTS.nameInvalid();
  return member === "external_id" ? COMPLAINTS.externalIdInvalid() : COMPLAINTS.fieldsInvalid();
}

/** The size is that of the compact JSON of what is written. The database holds the stored fields to the same limit. */
function isTooLarge(
  { name, external_id, custom_object_fields }: Readonly<Record<string, unknown>>,
  bytes: number,
): boolean {
  if (bytes <= LIMITS.recordBytes) return false;
  return Buffer.byteLength(JSON.stringify({ name, external_id, custom_object_fields })) > LIMITS.recordBytes;
}

function isLonger(text: string, characters: number): boolean {
  return text.length > characters && Array.from(text).length > characters;
}
