import { z } from "zod";

/** `records_store:` */
export const RECORDS_STORE_SCHEMA = z
  .strictObject({
    public_url: z
      .url({ protocol: /^https?$/, error: "must be an http or https URL" })
      .optional()
      .describe("How every link of the store's answers begins, whatever a request says"),
    next_on_last_page: z
      .boolean()
      .optional()
      .describe("Lists keep links.next on their last page; the page behind it is empty"),
    strict_fields: z
      .boolean()
      .optional()
      .describe("A field that the object does not have: true, always a 422; false, always left out"),
  })
  .optional()
  .describe("Sluice's own records store, as `sluice up` and `sluice records` start it");
