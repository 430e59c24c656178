import { z } from "zod";
import { customObjectField, fieldCreate, fieldUpdate } from "@sluice/zendesk";
import { ADMINS, EVERYBODY, operation } from "../api/operation.ts";
import { linksOfPage, metaOfPage } from "../api/page.ts";
import { PARAMETERS } from "../api/parameters.ts";

/** `/custom_objects/{object}/fields` (§7). */
const collection = "/api/v2/custom_objects/{object}/fields";
const answer = z.object({ custom_object_field: customObjectField });

export const LIST_FIELDS = operation({
  id: "listFields",
  method: "get",
  path: collection,
  tag: "Fields",
  summary: "List the fields of an object",
  roles: EVERYBODY,
  parameters: [PARAMETERS.includeStandardFields, PARAMETERS.pageSize, PARAMETERS.pageAfter, PARAMETERS.pageBefore],
  refusals: ["invalidPagination"],
  answer: {
    status: 200,
    schema: z.object({
      custom_object_fields: z.array(customObjectField),
      meta: metaOfPage,
      links: linksOfPage,
    }),
  },
});

export const REORDER_FIELDS = operation({
  id: "reorderFields",
  method: "put",
  path: `${collection}/reorder`,
  tag: "Fields",
  summary: "Put the fields in another order",
  description: "Fields that are not named follow in the order that they had.",
  roles: ADMINS,
  body: {
    schema: z.object({ field_ids: z.array(z.union([z.int(), z.string()])) }),
    example: { field_ids: [10000000000042, 10000000000017] },
  },
  answer: { status: 200 },
  refusals: ["invalidParameter"],
});

export const CREATE_FIELD = operation({
  id: "createField",
  method: "post",
  path: collection,
  tag: "Fields",
  summary: "Create a field",
  roles: ADMINS,
  body: {
    schema: z.object({ custom_object_field: fieldCreate }),
    example: {
      custom_object_field: {
        key: "tier",
        title: "Tier",
        type: "dropdown",
        custom_field_options: [
          { name: "Gold", value: "gold" },
          { name: "Silver", value: "silver" },
        ],
      },
    },
  },
  answer: { status: 201, schema: answer, headers: { Location: "Where the field is." } },
  refusals: ["invalid"],
});

export const SHOW_FIELD = operation({
  id: "showField",
  method: "get",
  path: `${collection}/{field}`,
  tag: "Fields",
  summary: "Show a field",
  roles: EVERYBODY,
  answer: { status: 200, schema: answer },
});

export const UPDATE_FIELD = operation({
  id: "updateField",
  method: "patch",
  path: `${collection}/{field}`,
  tag: "Fields",
  summary: "Update a field",
  description:
    "Members that are sent change; key, type and target can't. Options that are sent replace all options. The properties of `standard::name` (unique or numbered names) are frozen once the object has records.",
  roles: ADMINS,
  body: {
    schema: z.object({ custom_object_field: fieldUpdate }),
    example: { custom_object_field: { properties: { is_unique: true } } },
  },
  answer: { status: 200, schema: answer },
  refusals: ["invalid"],
});

/** The same with PUT, for clients that know no PATCH (§7). */
export const PUT_FIELD = operation({
  ...UPDATE_FIELD,
  id: "putField",
  method: "put",
  summary: "Update a field, as some clients do",
  description: "The same as PATCH: members that are not sent stay.",
});

export const DELETE_FIELD = operation({
  id: "deleteField",
  method: "delete",
  path: `${collection}/{field}`,
  tag: "Fields",
  summary: "Delete a field and its values",
  roles: ADMINS,
  answer: { status: 204 },
  refusals: ["invalid"],
});
