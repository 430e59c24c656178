import { z } from "zod";
import { customObject, customObjectCreate, customObjectUpdate } from "@sluice/zendesk";
import { ADMINS, EVERYBODY, operation } from "../api/operation.ts";

/** `/custom_objects` (§6). */
const collection = "/api/v2/custom_objects";
const answer = z.object({ custom_object: customObject });
const example = { custom_object: { key: "customer", title: "Customer", title_pluralized: "Customers" } };

export const LIST_OBJECTS = operation({
  id: "listObjects",
  method: "get",
  path: collection,
  tag: "Objects",
  summary: "List the custom objects",
  roles: EVERYBODY,
  answer: { status: 200, schema: z.object({ custom_objects: z.array(customObject) }) },
});

export const CREATE_OBJECT = operation({
  id: "createObject",
  method: "post",
  path: collection,
  tag: "Objects",
  summary: "Create a custom object",
  roles: ADMINS,
  body: { schema: z.object({ custom_object: customObjectCreate }), example },
  answer: { status: 201, schema: answer, headers: { Location: "Where the object is." } },
  refusals: ["invalid"],
});

export const SHOW_OBJECT = operation({
  id: "showObject",
  method: "get",
  path: `${collection}/{object}`,
  tag: "Objects",
  summary: "Show a custom object",
  roles: EVERYBODY,
  answer: { status: 200, schema: answer },
});

export const UPDATE_OBJECT = operation({
  id: "updateObject",
  method: "patch",
  path: `${collection}/{object}`,
  tag: "Objects",
  summary: "Update a custom object",
  description: "Members that are sent change; the key can't.",
  roles: ADMINS,
  body: {
    schema: z.object({ custom_object: customObjectUpdate }),
    example: { custom_object: { description: "Who buys from us" } },
  },
  answer: { status: 200, schema: answer },
  refusals: ["invalid"],
});

export const DELETE_OBJECT = operation({
  id: "deleteObject",
  method: "delete",
  path: `${collection}/{object}`,
  tag: "Objects",
  summary: "Delete a custom object",
  description: "Deletes the object for good, with its fields and records.",
  roles: ADMINS,
  answer: { status: 204 },
});
