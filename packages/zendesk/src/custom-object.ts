import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { RULINGS } from "./rulings.ts";

const title = z.string().trim().min(1).max(LIMITS.titleCharacters);
const description = z.string().max(LIMITS.descriptionCharacters);

/** The body of a custom object's update; read-only members that clients send along fall away. */
export const customObjectUpdate = z.object({
  title: title.optional(),
  title_pluralized: title.optional(),
  description: description.nullish(),
  include_in_list_view: z.boolean().optional(),
  allows_photos: z.boolean().optional(),
  allows_attachments: z.boolean().optional(),
});
export type CustomObjectUpdate = z.infer<typeof customObjectUpdate>;

/** The body that creates a custom object. */
export const customObjectCreate = customObjectUpdate.extend({
  key: z
    .string()
    .regex(RULINGS.objectKeyPattern)
    .refine((key) => !RULINGS.reservedObjectKeys.includes(key), "is reserved"),
  title,
  title_pluralized: title,
});
export type CustomObjectCreate = z.infer<typeof customObjectCreate>;

/** A custom object as it is returned. */
export const customObject = z.object({
  url: z.string(),
  key: z.string(),
  title: z.string(),
  raw_title: z.string(),
  title_pluralized: z.string(),
  raw_title_pluralized: z.string(),
  description: z.string(),
  raw_description: z.string(),
  include_in_list_view: z.boolean(),
  allows_photos: z.boolean(),
  allows_attachments: z.boolean(),
  created_by_user_id: z.string(),
  updated_by_user_id: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type CustomObject = z.infer<typeof customObject>;
