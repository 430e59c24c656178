import type { ObjectConfiguration } from "@sluice/runtime";
import { Refusal } from "@sluice/zendesk";
import { SYSTEM_CALLER } from "../caller.ts";
import { createField, listFields } from "../fields/fields.ts";
import { createObject, showObject } from "./objects.ts";
import type { Store } from "../store.ts";

/**
 * Makes the configured objects and fields that are missing, and changes no existing one. Processes that
 * start together may do it at once.
 * @returns what was made, as `object` or `object.field`
 * @throws Refusal 422 when the configuration asks for something that the API refuses
 */
export async function ensureObjects(store: Store, objects: Iterable<ObjectConfiguration>): Promise<string[]> {
  const made: string[] = [];
  for (const { key, title, titlePluralized, uniqueNames, fields } of objects) {
    if (!(await exists(showObject(store, key)))) {
      const object = { key, title, title_pluralized: titlePluralized };
      if (await unlessTaken(createObject(store, object, SYSTEM_CALLER, { uniqueNames }))) made.push(key);
    }
    const present = new Set((await listFields(store, key, true)).map((field) => field.key));
    for (const field of fields.values()) {
      if (present.has(field.key)) continue;
      const content = {
        key: field.key,
        type: field.type,
        title: field.title,
        custom_field_options: [...field.options].map(([value, name]) => ({ value, name })),
        regexp_for_validation: field.pattern ?? null,
        relationship_target_type: field.target ?? null,
      };
      if (await unlessTaken(createField(store, key, content, SYSTEM_CALLER))) made.push(`${key}.${field.key}`);
    }
  }
  return made;
}

async function exists(lookup: Promise<unknown>): Promise<boolean> {
  try {
    await lookup;
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.answer.status === 404) return false;
    throw error;
  }
}

/** False when another process was quicker. */
async function unlessTaken(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.complaints.some((complaint) => complaint.error === "DuplicateValue"))
      return false;
    throw error;
  }
}
