import type { Express } from "express";
import { client, objectWith } from "../under-test.ts";

/** Two fields that the upsert's tests write. */
export const FIELDS = [
  {
    key: "tier",
    type: "dropdown",
    custom_field_options: [
      { name: "Gold", value: "gold" },
      { name: "Tin", value: "tin" },
    ],
  },
  { key: "note", type: "text" },
];

export type UpsertBody = {
  name?: string | null;
  external_id?: unknown;
  custom_object_fields?: object;
  [more: string]: unknown;
};

/** Upserts, and objects to do them on. */
export function upserting(app: Express) {
  const api = client(app);
  const upsert = (object: string, by: "external_id" | "name", value: string, custom_object_record: UpsertBody) =>
    api.patch(`custom_objects/${object}/records?${by}=${encodeURIComponent(value)}`, { custom_object_record });
  return {
    byId: (object: string, id: string, record: UpsertBody) => upsert(object, "external_id", id, record),
    byName: (object: string, name: string, record: UpsertBody) => upsert(object, "name", name, record),
    async recordsOf(object: string): Promise<Record<string, unknown>[]> {
      const { body } = await api.get(`custom_objects/${object}/records`).expect(200);
      return (body as { custom_object_records: Record<string, unknown>[] }).custom_object_records;
    },
    plain: () => objectWith(app, { fields: FIELDS }),
    unique: () => objectWith(app, { fields: FIELDS, name: { is_unique: true } }),
    /** Makes an object whose names are PFX0007, PFX0008 … */
    numbered: () =>
      objectWith(app, {
        fields: FIELDS,
        name: {
          autoincrement_enabled: true,
          autoincrement_prefix: "PFX",
          autoincrement_padding: 4,
          autoincrement_next_sequence: 7,
        },
      }),
  };
}
