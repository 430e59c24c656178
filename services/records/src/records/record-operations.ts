import { z } from "zod";
import { RULINGS, customObjectRecord, recordAsSent } from "@sluice/zendesk";
import { EVERYBODY, WRITERS, operation } from "../api/operation.ts";
import { linksOfPage, metaOfPage } from "../api/page.ts";
import { PARAMETERS, PREFERENCE_APPLIED } from "../api/parameters.ts";

/** `/custom_objects/{object}/records` (§8, §9). */
const collection = "/api/v2/custom_objects/{object}/records";
const answer = z.object({ custom_object_record: customObjectRecord });
const body = z.object({ custom_object_record: recordAsSent });
const example = {
  custom_object_record: { name: "Northwind Ltd", custom_object_fields: { tier: "gold", balance: 12.5 } },
};

export const LIST_RECORDS = operation({
  id: "listRecords",
  method: "get",
  path: collection,
  tag: "Records",
  summary: "List records",
  description: "A page at a time: follow `links.next` until it is null.",
  roles: EVERYBODY,
  parameters: [
    PARAMETERS.filterIds,
    PARAMETERS.filterExternalIds,
    PARAMETERS.listSort,
    PARAMETERS.pageSize,
    PARAMETERS.pageAfter,
    PARAMETERS.pageBefore,
  ],
  answer: {
    status: 200,
    schema: z.object({
      count: z.int().describe("The number of records on this page."),
      custom_object_records: z.array(customObjectRecord),
      meta: metaOfPage,
      links: linksOfPage,
    }),
  },
  refusals: ["invalidPagination"],
});

export const CREATE_RECORD = operation({
  id: "createRecord",
  method: "post",
  path: collection,
  tag: "Records",
  summary: "Create a record",
  roles: WRITERS,
  parameters: [PARAMETERS.prefer],
  body: { schema: body, example },
  answer: { status: 201, schema: answer, headers: { Location: "Where the record is.", ...PREFERENCE_APPLIED } },
  refusals: ["invalid"],
});

export const UPSERT_RECORD = operation({
  id: "upsertRecord",
  method: "patch",
  path: collection,
  tag: "Records",
  summary: "Create or update a record by its external_id or name",
  description:
    "Where no record has this `external_id` (or, with unique names, this `name`), one is created; otherwise what is sent changes and the rest stays. Safe to repeat: there is never more than one record of a key. A new record needs a `name`, unless it is in the query or names are numbered.",
  roles: WRITERS,
  parameters: [PARAMETERS.externalId, PARAMETERS.uniqueName, PARAMETERS.prefer, PARAMETERS.fence, PARAMETERS.stamps],
  body: { schema: body, example },
  answer: {
    status: RULINGS.upsertStatus,
    schema: answer,
    headers: { [RULINGS.upsertHeader]: "`created` or `updated`.", ...PREFERENCE_APPLIED },
  },
  refusals: ["identityParameters", "staleFence", "staleStamp", "invalid"],
});

export const DELETE_RECORD_BY_KEY = operation({
  id: "deleteRecordByKey",
  method: "delete",
  path: collection,
  tag: "Records",
  summary: "Delete a record by its external_id or name",
  roles: WRITERS,
  parameters: [PARAMETERS.externalId, PARAMETERS.uniqueName, PARAMETERS.fence, PARAMETERS.stamps],
  answer: { status: 204 },
  refusals: ["identityParameters", "staleFence", "staleStamp", "invalid"],
});

export const COUNT_RECORDS = operation({
  id: "countRecords",
  method: "get",
  path: `${collection}/count`,
  tag: "Records",
  summary: "Count records",
  roles: EVERYBODY,
  answer: {
    status: 200,
    schema: z.object({ count: z.object({ value: z.int(), refreshed_at: z.string() }) }),
  },
});

export const SHOW_RECORD = operation({
  id: "showRecord",
  method: "get",
  path: `${collection}/{id}`,
  tag: "Records",
  summary: "Show a record",
  roles: EVERYBODY,
  answer: { status: 200, schema: answer },
});

export const UPDATE_RECORD = operation({
  id: "updateRecord",
  method: "patch",
  path: `${collection}/{id}`,
  tag: "Records",
  summary: "Update a record by its id",
  description: "Members that are sent change, the others stay; a null clears.",
  roles: WRITERS,
  parameters: [PARAMETERS.prefer],
  body: { schema: body, example },
  answer: { status: 200, schema: answer, headers: PREFERENCE_APPLIED },
  refusals: ["invalid"],
});

export const DELETE_RECORD = operation({
  id: "deleteRecord",
  method: "delete",
  path: `${collection}/{id}`,
  tag: "Records",
  summary: "Delete a record by its id",
  roles: WRITERS,
  answer: { status: 204 },
});
