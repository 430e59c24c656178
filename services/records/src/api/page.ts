import { z } from "zod";

/** `meta` of a page (§11). */
export const metaOfPage = z.object({
  has_more: z.boolean().describe("Whether there are more in the direction that was asked for."),
  after_cursor: z.string().nullable(),
  before_cursor: z.string().nullable(),
});

/** `links` of a page: addresses that lead back through the same host. */
export const linksOfPage = z.object({ next: z.string().nullable(), prev: z.string().nullable() });
