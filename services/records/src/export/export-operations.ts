import { z } from "zod";
import { LIMITS, customObjectRecord } from "@sluice/zendesk";
import { EVERYBODY, operation } from "../api/operation.ts";
import { PARAMETERS } from "../api/parameters.ts";

const exported = customObjectRecord.omit({ photo: true });

/** §12: the vendor's own shape, and the members that clients of its other exports look for. */
export const EXPORT_RECORDS = operation({
  id: "exportRecords",
  method: "get",
  path: "/api/v2/incremental/custom_objects/{object}/cursor",
  tag: "Export",
  summary: "Export records that changed since a time",
  description: `In the order of the last change, deleted records among the others, their values replaced by \`[DELETED]\`. Begin with \`start_time\`, go on with \`cursor\`; the latest minute is left for the next time. At most ${LIMITS.exportPageSize} a page.`,
  roles: EVERYBODY,
  parameters: [PARAMETERS.startTime, PARAMETERS.exportCursor, PARAMETERS.exportPageSize, PARAMETERS.excludeDeleted],
  answer: {
    status: 200,
    schema: z.object({
      custom_object_records: z.array(exported),
      after_cursor: z.string(),
      after_url: z.string(),
      before_cursor: z.null(),
      before_url: z.null(),
      filter: z.object({ exclude_deleted: z.boolean() }),
      meta: z.object({ has_more: z.boolean() }),
      links: z.object({ next: z.string().nullable(), prev: z.null() }),
      end_of_stream: z.boolean(),
    }),
  },
  refusals: ["startTimeTooRecent", "invalidCursor", "invalidParameter", "invalidPagination"],
});
