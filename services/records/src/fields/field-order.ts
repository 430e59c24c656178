import { ANSWERS, Refusal } from "@sluice/zendesk";
import type { Caller } from "../caller.ts";
import { defining, raiseVersion } from "../objects/defining.ts";
import type { Store } from "../store.ts";

/**
 * Puts an object's fields in a wanted order; fields that are not named follow in the order that they had.
 * @throws Refusal 400 when the body is no list of ids, 404 when one of them is no field of the object
 */
export async function reorderFields(store: Store, object: string, sent: unknown, caller: Caller): Promise<void> {
  const ids = readIds(sent);
  const at = new Date(store.clock.nowMs()).toISOString();
  await defining(store, async (tx) => {
    const { id } = await raiseVersion(tx, object, { by: caller.userId, at });
    const known = await tx.query<{ id: string }>(
      "select id from records.field where object_id = $1::integer and not system order by position, id",
      [id],
    );
    const left = new Set(known.map((field) => field.id));
    for (const wanted of ids) if (!left.delete(wanted)) throw new Refusal(ANSWERS.recordNotFound());
    // The named fields come behind the two standard ones.
    await tx.query(
      `update records.field set position = wanted.place + 1
       from unnest($2::bigint[]) with ordinality as wanted(id, place)
       where field.object_id = $1::integer and field.id = wanted.id`,
      [id, [...ids, ...left]],
    );
  });
}

function readIds(sent: unknown): string[] {
  const ids = Array.isArray(sent) ? sent.map(String) : [];
  if (ids.length > 0 && ids.every((id) => /^\d{1,18}$/.test(id))) return ids;
  throw new Refusal(ANSWERS.invalidParameter("field_ids is not a list of ids"));
}
