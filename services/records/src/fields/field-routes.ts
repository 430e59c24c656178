import type { Request, RequestHandler } from "express";
import { route, type Route } from "../api/operation.ts";
import { callerOf } from "../caller.ts";
import {
  CREATE_FIELD,
  DELETE_FIELD,
  LIST_FIELDS,
  PUT_FIELD,
  REORDER_FIELDS,
  SHOW_FIELD,
  UPDATE_FIELD,
} from "./field-operations.ts";
import { createField, deleteField, listFields, showField, updateField } from "./fields.ts";
import { reorderFields } from "./field-order.ts";
import { fieldOf } from "./field-row.ts";
import { pageAnswer, sliceOf } from "../paging/page.ts";
import { readPageRequest, type Orders } from "../paging/page-request.ts";
import { baseOf } from "../origin.ts";
import { parameter, queryOf, readJsonObject, readEnvelope } from "../request.ts";
import type { Store } from "../store.ts";

const ENVELOPE = "custom_object_field";

/** Fields come in one order only. */
const BY_POSITION: Orders<"position"> = {
  values: { position: () => true },
  unlessAsked: "position",
  isId: (text) => /^\d{1,18}$/.test(text),
};

/** `/custom_objects/{object}/fields…` (§7). */
export function fieldRoutes(store: Store): readonly Route[] {
  // PUT is for clients that know no PATCH (§7). Like PATCH it changes only the members that are sent.
  const update: RequestHandler<{ object: string; field: string }> = async (request, response) => {
    const { object, field } = request.params;
    const { content } = readEnvelope(request, ENVELOPE);
    const row = await updateField(store, object, field, content, callerOf(response));
    response.json({ [ENVELOPE]: fieldOf(row, object, baseOf(request)) });
  };

  return [
    route(LIST_FIELDS, async (request, response) => {
      const parameters = queryOf(request);
      const { object } = request.params;
      const page = readPageRequest(parameters, BY_POSITION);
      const withStandard = parameter(parameters, "include_standard_fields") === "true";
      const found = sliceOf(await listFields(store, object, withStandard), page, ({ id }) => id);
      const path = `custom_objects/${object}/fields`;
      const { nextOnLastPage } = store.quirks;
      response.json({
        custom_object_fields: found.rows.map((row) => fieldOf(row, object, baseOf(request))),
        ...pageAnswer(found, page, ({ id }) => ({ value: "", id }), {
          request: request as Request,
          parameters,
          path,
          nextOnLastPage,
        }),
      });
    }),

    route(REORDER_FIELDS, async (request, response) => {
      await reorderFields(store, request.params.object, readJsonObject(request)["field_ids"], callerOf(response));
      response.status(200).end();
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
