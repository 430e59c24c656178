import { z } from "zod";
import { durationSetting } from "./duration-setting.ts";
import { SIZE_PATTERN, sizeBytes } from "./quantity.ts";

/** AES-256 */
const KEY_BYTES = 32;

/** `history:` */
export const HISTORY_SCHEMA = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        database: z
          .url({ protocol: /^postgres(ql)?$/, error: "must be a postgres URL" })
          .optional()
          .describe("The history's Postgres; SLUICE_HISTORY_DATABASE_URL, without it"),
        keep: durationSetting("30d", "How long it is kept; it goes day by day"),
        size: z
          .string()
          .regex(SIZE_PATTERN, "must be a number and a unit: b, kb, mb, gb")
          .default("50gb")
          .transform(sizeBytes)
          .describe("The room for all days: beyond it the oldest day goes"),
        keys: z
          .array(
            z
              .base64({ error: "must be 32 bytes in base64" })
              .transform((text) => Buffer.from(text, "base64"))
              .refine((key) => key.length === KEY_BYTES, "must be 32 bytes in base64"),
          )
          .default([])
          .describe("Keys of 32 bytes in base64, the newest first: the first encrypts, all of them decrypt"),
      }),
    ],
    "must be { database, keep, size, keys }, or false",
  )
  .prefault({})
  .describe("Webhooks and their outcomes, to be searched and traced; false: no history is kept");
