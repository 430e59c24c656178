import { z } from "zod";
import { RULINGS, customObjectRecord } from "@sluice/zendesk";
import { EVERYBODY, operation } from "../api/operation.ts";
import { linksOfPage, metaOfPage } from "../api/page.ts";
import { PARAMETERS } from "../api/parameters.ts";

/** `/custom_objects/{object}/records/search` and `/autocomplete` (§8.6 to §8.8). */
const collection = "/api/v2/custom_objects/{object}/records";
const page = [PARAMETERS.pageSize, PARAMETERS.pageAfter, PARAMETERS.pageBefore];
const answer = {
  status: 200,
  schema: z.object({
    count: z.int().describe("The number of records on this page."),
    custom_object_records: z.array(customObjectRecord),
    meta: metaOfPage,
    links: linksOfPage,
  }),
} as const;

export const SEARCH_RECORDS = operation({
  id: "searchRecords",
  method: "get",
  path: `${collection}/search`,
  tag: "Search",
  summary: "Search records for words",
  description:
    "Finds records that have a word which begins like one of the query's, and names that are nearly what was asked for. `*` finds everything. By relevance the first 10,000 hits can be reached; with `sort` all.",
  roles: EVERYBODY,
  parameters: [PARAMETERS.searchQuery, PARAMETERS.searchSort, ...page],
  answer,
  refusals: ["invalidPagination"],
});

export const FILTER_RECORDS = operation({
  id: "filterRecords",
  method: "post",
  path: `${collection}/search`,
  tag: "Search",
  summary: "Search records by a filter",
  description:
    "A filter compares an attribute (`name`, `external_id`, `created_at`, `updated_at`, `created_by_user`, `updated_by_user`, `custom_object_fields.KEY`) by an operator, or joins filters by `$and` and `$or`. `query`, `sort` and `page` may stand in the body too.",
  roles: EVERYBODY,
  parameters: [PARAMETERS.searchQuery, PARAMETERS.searchSort, ...page],
  body: {
    schema: z.object({
      filter: z.record(z.string(), z.unknown()).optional(),
      query: z.string().optional(),
      sort: z.string().optional(),
      page: z.object({ size: z.int(), after: z.string(), before: z.string() }).partial().optional(),
    }),
    example: {
      filter: {
        $and: [{ "custom_object_fields.tier": { $eq: "gold" } }, { updated_at: { $gt: "2026-01-01T00:00:00Z" } }],
      },
    },
  },
  answer,
  refusals: ["invalidFilter", "invalidPagination"],
});

export const AUTOCOMPLETE_RECORDS = operation({
  id: "autocompleteRecords",
  method: "get",
  path: `${collection}/autocomplete`,
  tag: "Search",
  summary: "Find records by a part of their name",
  roles: EVERYBODY,
  parameters: [
    PARAMETERS.nameFragment,
    PARAMETERS.fieldId,
    PARAMETERS.source,
    PARAMETERS.dynamicValues,
    PARAMETERS.requesterId,
    PARAMETERS.assigneeId,
    PARAMETERS.organizationId,
    ...page,
  ],
  answer: { ...answer, headers: { [RULINGS.ignoredHeader]: "Parameters that were not honoured." } },
  refusals: ["invalidParameter", "invalidPagination"],
});
