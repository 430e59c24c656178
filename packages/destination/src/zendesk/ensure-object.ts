import type { Json } from "@sluice/event";
import { EXTERNAL_ID_FIELD_KEY, NAME_FIELD_KEY } from "@sluice/zendesk";
import type { ZendeskClient } from "./client.ts";
import { DestinationRefusedError } from "./destination-refused.ts";
import type { Reply } from "../http/reply.ts";

/** An object as it should be at the destination; `objects` of sluice.yaml has this shape. */
export type DeclaredObject = {
  readonly key: string;
  readonly title: string;
  readonly titlePluralized: string;
  /** Whether no two records may have the same name: then a record can be written by its name. */
  readonly uniqueNames: boolean;
  readonly fields: ReadonlyMap<string, DeclaredField>;
};

export type DeclaredField = {
  readonly key: string;
  readonly type: string;
  readonly title: string;
  /** The options of a dropdown or multiselect field: value → name. */
  readonly options: ReadonlyMap<string, string>;
  readonly pattern?: string;
  readonly target?: string;
};

/** The objects and fields that were made, and those that are there already in another form and stay as they are. */
export type Ensured = { readonly made: readonly string[]; readonly differs: readonly string[] };

/**
 * Makes the object and its missing fields, and changes nothing that is there. It needs an admin's
 * credentials; objects and fields are told as `object` and `object.field`.
 * @throws DestinationRefusedError with the destination's reason, DestinationUnreachableError
 */
export async function ensureObject(client: ZendeskClient, object: DeclaredObject): Promise<Ensured> {
  const made: string[] = [];
  const differs: string[] = [];
  const path = `custom_objects/${encodeURIComponent(object.key)}`;
  const shown = await client.ask("GET", path, null);
  if (shown.status === 404) {
    const { key, title, titlePluralized: title_pluralized } = object;
    const custom_object = { key, title, title_pluralized, include_in_list_view: true };
    if (await create(client, "custom_objects", { custom_object }, `the object ${key}`)) made.push(key);
  } else {
    granted(shown, `look at the object ${object.key}`);
  }

  const present = await fieldsOf(client, path);
  for (const field of object.fields.values()) {
    const there = present.get(field.key);
    if (there !== undefined) {
      if (there.type !== field.type) differs.push(`${object.key}.${field.key} is a ${there.type}, not a ${field.type}`);
      continue;
    }
    const name = `${object.key}.${field.key}`;
    if (await create(client, `${path}/fields`, { custom_object_field: asSent(field) }, `the field ${name}`)) {
      made.push(name);
    }
  }

  if (object.uniqueNames && present.get(NAME_FIELD_KEY)?.uniqueName !== true) {
    const properties = { is_unique: true, autoincrement_enabled: false };
    const fieldPath = `${path}/fields/${encodeURIComponent(NAME_FIELD_KEY)}`;
    const reply = await client.ask("PATCH", fieldPath, { custom_object_field: { properties } });
    // Uniqueness can't be changed once there are records: a person has to decide about those.
    if (reply.status === 422) differs.push(`${object.key}: names are not unique, and it has records already`);
    else granted(reply, `make the names of ${object.key} unique`);
  }
  return { made, differs };
}

/** Creates an object or a field. False: another process was quicker. */
async function create(client: ZendeskClient, path: string, body: Json, what: string): Promise<boolean> {
  const reply = await client.ask("POST", path, body);
  if (reply.status === 422 && isTaken(reply.body)) return false;
  granted(reply, `make ${what}`);
  return true;
}

/** Whether the key is taken: the complaint stands under `key`, with the vendor's word or its sentence. */
function isTaken(body: unknown): boolean {
  const details = (body as { details?: { key?: unknown } } | null)?.details?.key;
  return Array.isArray(details) && /DuplicateValue|already (been )?taken|already exists/i.test(JSON.stringify(details));
}

type Present = { readonly type: string; readonly uniqueName: boolean };

/** The object's fields: a hundred and the two standard ones at most. One page of the largest size holds nearly all, so pages are followed. */
async function fieldsOf(client: ZendeskClient, path: string): Promise<ReadonlyMap<string, Present>> {
  const present = new Map<string, Present>();
  let query = "include_standard_fields=true&page%5Bsize%5D=100";
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const reply = await client.ask("GET", `${path}/fields?${query}`, null);
    granted(reply, "list its fields");
    const { custom_object_fields: fields = [], meta } = reply.body as FieldPage;
    for (const { key, type, properties } of fields)
      present.set(key, { type, uniqueName: properties?.is_unique === true });
    if (meta?.has_more !== true || typeof meta.after_cursor !== "string") break;
    query = `include_standard_fields=true&page%5Bsize%5D=100&page%5Bafter%5D=${encodeURIComponent(meta.after_cursor)}`;
  }
  present.delete(EXTERNAL_ID_FIELD_KEY);
  return present;
}

const MOST_PAGES = 3;

type FieldPage = {
  readonly custom_object_fields?: readonly {
    readonly key: string;
    readonly type: string;
    readonly properties?: { readonly is_unique?: boolean } | null;
  }[];
  readonly meta?: { readonly has_more?: boolean; readonly after_cursor?: unknown };
};

function asSent({ key, type, title, options, pattern, target }: DeclaredField): Json {
  return {
    key,
    type,
    title,
    ...(options.size === 0 ? {} : { custom_field_options: [...options].map(([value, name]) => ({ value, name })) }),
    ...(pattern === undefined ? {} : { regexp_for_validation: pattern }),
    ...(target === undefined ? {} : { relationship_target_type: target }),
  };
}

function granted(reply: Reply, what: string): void {
  if (reply.status < 200 || reply.status > 299) throw new DestinationRefusedError(reply, what);
}
