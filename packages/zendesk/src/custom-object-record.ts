import { z } from "zod";

/**
 * A record as it is sent. Only written members are named here: read-only members that clients
 * can't help sending (§2) fall away. Values of fields are checked against their definitions.
 */
export const recordAsSent = z.object({
  name: z.string().nullish(),
  // Row 25: a number is taken as its text.
  external_id: z.union([z.string(), z.number().transform(String)]).nullish(),
  custom_object_fields: z.record(z.string(), z.unknown()).nullish(),
  photo: z.unknown().optional(),
});
export type RecordAsSent = z.infer<typeof recordAsSent>;

/** A record as it is returned: every member always there, because some clients insist (§8). */
export const customObjectRecord = z.object({
  url: z.string(),
  id: z.string(),
  name: z.string(),
  custom_object_key: z.string(),
  custom_object_fields: z.record(z.string(), z.unknown()),
  created_by_user_id: z.string(),
  updated_by_user_id: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  external_id: z.string().nullable(),
  photo: z.null(),
});
export type CustomObjectRecord = z.infer<typeof customObjectRecord>;
