import type { RequestHandler } from "express";
import { route, type Route } from "../api/operation.ts";
import { callerOf } from "../caller.ts";
import { CREATE_FIELD, DELETE_FIELD, LIST_FIELDS, PUT_FIELD, SHOW_FIELD, UPDATE_FIELD } from "./field-operations.ts";
import { createField, deleteField, listFields, showField, updateField } from "./fields.ts";
import { fieldOf } from "./field-row.ts";
import { baseOf, parameter, queryOf, readEnvelope } from "../request.ts";
import type { Store } from "../store.ts";

const ENVELOPE = "custom_object_field";

/** `/custom_objects/{object}/fields…` (§7). */
export function fieldRoutes(store: Store): readonly Route[] {
  // PUT is what some clients know (§7); it changes what is sent, just the same.
  const update: RequestHandler<{ object: string; field: string }> = async (request, response) => {
    const { object, field } = request.params;
    const { content } = readEnvelope(request, ENVELOPE);
    const row = await updateField(store, object, field, content, callerOf(response));
    response.json({ [ENVELOPE]: fieldOf(row, object, baseOf(request)) });
  };

  return [
    route(LIST_FIELDS, async (request, response) => {
      const withStandard = parameter(queryOf(request), "include_standard_fields") === "true";
      const rows = await listFields(store, request.params.object, withStandard);
      // An object has at most a hundred fields: there is one page.
      response.json({
        custom_object_fields: rows.map((row) => fieldOf(row, request.params.object, baseOf(request))),
        meta: { has_more: false, after_cursor: null, before_cursor: null },
        links: { next: null, prev: null },
      });
    }),

    route(CREATE_FIELD, async (request, response) => {
      const { content } = readEnvelope(request, ENVELOPE);
      const row = await createField(store, request.params.object, content, callerOf(response));
      const field = fieldOf(row, request.params.object, baseOf(request));
      response
        .status(201)
        .location(field.url)
        .json({ [ENVELOPE]: field });
    }),

    route(SHOW_FIELD, async (request, response) => {
      const { object, field } = request.params;
      response.json({ [ENVELOPE]: fieldOf(await showField(store.database, object, field), object, baseOf(request)) });
    }),

    route(UPDATE_FIELD, update),
    route(PUT_FIELD, update),

    route(DELETE_FIELD, async (request, response) => {
      await deleteField(store, request.params.object, request.params.field, callerOf(response));
      response.status(204).end();
    }),
  ];
}
