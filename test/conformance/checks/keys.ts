import { chapter } from "../check.ts";
import { expectInvalid, expectSame, expectStatus, expectTrue, recordOf, recordsOf } from "../expectation.ts";

/** Keys, numbers and references of records: rules that few clients have tried. */
export const KEY_CHECKS = chapter("KEY", [
  [
    "ruling",
    "a key with characters that nobody can see is 422; its spaces count",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      for (const unseen of [`\ufeff${key}`, `${key}\u200b`, `${key}\n`]) {
        expectInvalid(await on.upsert(object, unseen, { name: "x" }), "base");
      }
      const spaced = recordOf(await on.upsert(object, `${key} `, { name: "x" }));
      const plain = recordOf(await on.upsert(object, key, { name: "x" }));
      expectTrue(spaced.id !== plain.id, "they are one record");
    },
  ],
  [
    "client",
    "an empty list is no fields, as PHP sends it",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      await on.put(object, key, { custom_object_fields: { note: "kept" } });
      const record = recordOf(await on.upsert(object, key, { custom_object_fields: [] }));
      expectSame(record.custom_object_fields["note"], "kept", "note");
    },
  ],
  [
    "ruling",
    "a numbered name stays when its record changes, and a bulk job numbers its records one by one",
    async (on) => {
      const object = await on.object("numbered");
      const keys = [on.fresh(), on.fresh(), on.fresh()];
      const items = keys.map((external_id) => ({ external_id, custom_object_fields: {} }));
      await on.job(object, "create_or_update_by_external_id", items);
      const named = async () => {
        const path = `custom_objects/${object}/records?filter[external_ids]=${keys.join(",")}`;
        return new Map(recordsOf(await on.api.get(path)).map(({ external_id, name }) => [external_id, name]));
      };
      const made = await named();
      expectSame(new Set(made.values()).size, keys.length, "the number of names");
      await on.job(object, "create_or_update_by_external_id", items);
      expectSame([...(await named())], [...made], "the names after another job");
    },
  ],
  [
    "ruling",
    "a lookup takes the id of a record of its own object alone, and keeps it when that record goes",
    async (on) => {
      const object = await on.object("plain");
      const stranger = await on.put(object, on.fresh());
      const parents = await on.object("unique");
      const key = on.fresh();
      const { id } = await on.put(parents, key);
      const fields = (parent: unknown) => ({ name: "x", custom_object_fields: { parent } });
      for (const parent of [stranger.id, "", 5, ["x"], { id }]) {
        expectInvalid(await on.upsert(object, on.fresh(), fields(parent)), "parent");
      }
      const child = on.fresh();
      recordOf(await on.upsert(object, child, fields(id)));
      expectStatus(await on.api.delete(`custom_objects/${parents}/records?external_id=${key}`), 204);
      const left = recordOf(await on.upsert(object, child, { name: "y" }));
      expectSame(left.custom_object_fields["parent"], id, "parent");
      expectInvalid(await on.upsert(object, on.fresh(), fields(id)), "parent");
    },
  ],
]);
