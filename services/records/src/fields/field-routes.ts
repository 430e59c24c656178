import { Router, type Request, type RequestHandler } from "express";
import { callerOf, only } from "../caller.ts";
import { createField, deleteField, listFields, showField, updateField } from "./fields.ts";
import { fieldOf } from "./field-row.ts";
import { baseOf, parameter, queryOf, readEnvelope } from "../request.ts";
import type { Store } from "../store.ts";

const ENVELOPE = "custom_object_field";

/** `/custom_objects/{object}/fields…` (§7). */
export function fieldRoutes(store: Store): Router {
  const router = Router();
  const admins = only("admin");
  const collection = "/custom_objects/:object/fields";
  type All = { object: string };
  type One = { object: string; field: string };

  router.get(collection, async (request: Request<All>, response) => {
    const withStandard = parameter(queryOf(request), "include_standard_fields") === "true";
    const rows = await listFields(store, request.params.object, withStandard);
    // An object has at most a hundred fields: there is one page.
    response.json({
      custom_object_fields: rows.map((row) => fieldOf(row, request.params.object, baseOf(request))),
      meta: { has_more: false, after_cursor: null, before_cursor: null },
      links: { next: null, prev: null },
    });
  });

  router.post(collection, admins, async (request: Request<All>, response) => {
    const { content } = readEnvelope(request, ENVELOPE);
    const row = await createField(store, request.params.object, content, callerOf(response));
    const field = fieldOf(row, request.params.object, baseOf(request));
    response
      .status(201)
      .location(field.url)
      .json({ [ENVELOPE]: field });
  });

  router.get(`${collection}/:field`, async (request: Request<One>, response) => {
    const { object, field } = request.params;
    response.json({ [ENVELOPE]: fieldOf(await showField(store.database, object, field), object, baseOf(request)) });
  });

  // PUT is what some clients know (§7); it changes what is sent, just the same.
  const update: RequestHandler<One> = async (request, response) => {
    const { object, field } = request.params;
    const { content } = readEnvelope(request, ENVELOPE);
    const row = await updateField(store, object, field, content, callerOf(response));
    response.json({ [ENVELOPE]: fieldOf(row, object, baseOf(request)) });
  };
  router.patch(`${collection}/:field`, admins as RequestHandler<One>, update);
  router.put(`${collection}/:field`, admins as RequestHandler<One>, update);

  router.delete(`${collection}/:field`, admins, async (request: Request<One>, response) => {
    await deleteField(store, request.params.object, request.params.field, callerOf(response));
    response.status(204).end();
  });

  return router;
}
