import { z } from "zod";
import { time } from "./shape.ts";

/** A change's place in the order of all changes of its record; compared member by member, from the top. */
export const stamp = z.object({
  /** A whole number, or an RFC 3339 time to the microsecond; of `arrival` the time of its arrival. */
  version: z.string(),
  versionKind: z.enum(["time", "integer", "arrival"]),
  /** The place of the source in the configuration: of two equal versions the later source wins. */
  rank: z.number(),
  /** The event's own finer time, where it has one. */
  finer: z.string().nullable(),
  /** Null: the release before made it. */
  arrivedAt: time.nullable(),
  /** 0, or the number of the replay that made it anew. */
  run: z.number(),
});
export type ShownStamp = z.infer<typeof stamp>;

/** Which of two stamps' members decided, and how: "its version is older". */
export const decidedBy = z.enum(["version", "rank", "finer", "arrival", "run", "deleted"]);
