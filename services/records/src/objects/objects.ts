import {
  ANSWERS,
  COMPLAINTS,
  EXTERNAL_ID_FIELD_KEY,
  NAME_FIELD_KEY,
  RULINGS,
  Refusal,
  customObjectCreate,
  customObjectUpdate,
  type CustomObject,
} from "@sluice/zendesk";
import type { Caller } from "../caller.ts";
import { defining, raiseVersion, readDefinition } from "./defining.ts";
import type { Store } from "../store.ts";
import { wireTime } from "../wire-time.ts";

/** An object as statements return it. */
export type ObjectRow = {
  readonly key: string;
  readonly title: string;
  readonly title_pluralized: string;
  readonly description: string;
  readonly include_in_list_view: boolean;
  readonly allows_photos: boolean;
  readonly allows_attachments: boolean;
  readonly created_by: string;
  readonly updated_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
};

const COLUMNS = `key, title, title_pluralized, description, include_in_list_view, allows_photos, allows_attachments,
  created_by, updated_by, created_at, updated_at`;

export async function listObjects({ database }: Store): Promise<ObjectRow[]> {
  return database.query<ObjectRow>(`select ${COLUMNS} from records.object where deleted_at is null order by id`);
}

export async function showObject({ database }: Store, key: string): Promise<ObjectRow> {
  if (!RULINGS.objectKeyPattern.test(key)) throw new Refusal(ANSWERS.recordNotFound());
  const [row] = await database.query<ObjectRow>(
    `select ${COLUMNS} from records.object where key = $1::text and deleted_at is null`,
    [key],
  );
  if (row === undefined) throw new Refusal(ANSWERS.recordNotFound());
  return row;
}

/** Makes an object with its two standard fields. */
export async function createObject(
  store: Store,
  content: unknown,
  caller: Caller,
  { uniqueNames = false }: { readonly uniqueNames?: boolean } = {},
): Promise<ObjectRow> {
  const sent = readDefinition(customObjectCreate, content);
  const now = new Date(store.clock.nowMs()).toISOString();
  return defining(store, async (tx) => {
    const [present] = await tx.query<{ count: number }>(
      "select count(*)::integer as count from records.object where deleted_at is null",
    );
    if ((present?.count ?? 0) >= store.account.objects) throw Refusal.invalid([COMPLAINTS.objectsFull()]);
    const [row] = await tx.query<ObjectRow & { id: number }>(
      `insert into records.object (key, title, title_pluralized, description, include_in_list_view, allows_photos,
         allows_attachments, name_is_unique, created_by, updated_by, created_at, updated_at)
       values ($1::text, $2::text, $3::text, $4::text, $5::boolean, $6::boolean, $7::boolean,
         $8::boolean, $9::text, $9::text, $10::timestamptz, $10::timestamptz)
       returning id, ${COLUMNS}`,
      [
        sent.key,
        sent.title,
        sent.title_pluralized,
        sent.description ?? "",
        sent.include_in_list_view ?? true,
        sent.allows_photos ?? false,
        sent.allows_attachments ?? false,
        uniqueNames,
        caller.userId,
        now,
      ],
    );
    if (row === undefined) throw new Error("an insert returned no row");
    await tx.query(
      `insert into records.field (object_id, key, type, title, description, position, system, required, created_at, updated_at)
       values ($1::integer, $2::text, 'text', 'Name', 'Name', 0, true, true, $4::timestamptz, $4::timestamptz),
              ($1::integer, $3::text, 'text', 'External ID', 'External ID', 1, true, false, $4::timestamptz, $4::timestamptz)`,
      [row.id, NAME_FIELD_KEY, EXTERNAL_ID_FIELD_KEY, now],
    );
    return row;
  });
}

/** Changes the members that are sent; the key can't change. */
export async function updateObject(store: Store, key: string, content: unknown, caller: Caller): Promise<ObjectRow> {
  const sent = readDefinition(customObjectUpdate, content);
  const at = new Date(store.clock.nowMs()).toISOString();
  return defining(store, async (tx) => {
    const { id } = await raiseVersion(tx, key, { by: caller.userId, at });
    const [row] = await tx.query<ObjectRow>(
      `update records.object set title = coalesce($2::text, title),
         title_pluralized = coalesce($3::text, title_pluralized),
         description = coalesce($4::text, description),
         include_in_list_view = coalesce($5::boolean, include_in_list_view),
         allows_photos = coalesce($6::boolean, allows_photos),
         allows_attachments = coalesce($7::boolean, allows_attachments)
       where id = $1::integer returning ${COLUMNS}`,
      [
        id,
        sent.title,
        sent.title_pluralized,
        sent.description === null ? "" : sent.description,
        sent.include_in_list_view,
        sent.allows_photos,
        sent.allows_attachments,
      ],
    );
    if (row === undefined) throw new Error("an update returned no row");
    return row;
  });
}

/** Deletes an object for good. Where it has, or had, records its key stays taken until those are gone from the disk (§6). */
export async function deleteObject(store: Store, key: string, caller: Caller): Promise<void> {
  const at = new Date(store.clock.nowMs()).toISOString();
  await defining(store, async (tx) => {
    const { id } = await raiseVersion(tx, key, { by: caller.userId, at });
    await tx.query(
      `update records.object set deleted_at = $2::timestamptz
       where id = $1::integer and exists (select 1 from records.record where object_id = $1::integer)`,
      [id, at],
    );
    await tx.query("delete from records.object where id = $1::integer and deleted_at is null", [id]);
  });
}

/** An object as it leaves. */
export function objectOf(row: ObjectRow, base: string): CustomObject {
  return {
    url: `${base}/custom_objects/${row.key}.json`,
    key: row.key,
    title: row.title,
    raw_title: row.title,
    title_pluralized: row.title_pluralized,
    raw_title_pluralized: row.title_pluralized,
    description: row.description,
    raw_description: row.description,
    include_in_list_view: row.include_in_list_view,
    allows_photos: row.allows_photos,
    allows_attachments: row.allows_attachments,
    created_by_user_id: row.created_by,
    updated_by_user_id: row.updated_by,
    created_at: wireTime(row.created_at),
    updated_at: wireTime(row.updated_at),
  };
}
