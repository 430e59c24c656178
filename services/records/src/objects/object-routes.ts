import { route, type Route } from "../api/operation.ts";
import { callerOf } from "../caller.ts";
import { CREATE_OBJECT, DELETE_OBJECT, LIST_OBJECTS, SHOW_OBJECT, UPDATE_OBJECT } from "./object-operations.ts";
import { createObject, deleteObject, listObjects, objectOf, showObject, updateObject } from "./objects.ts";
import { baseOf } from "../origin.ts";
import { readEnvelope } from "../request.ts";
import type { Store } from "../store.ts";

const ENVELOPE = "custom_object";

/** `/custom_objects` (§6). */
export function objectRoutes(store: Store): readonly Route[] {
  return [
    route(LIST_OBJECTS, async (request, response) => {
      const objects = await listObjects(store);
      response.json({ custom_objects: objects.map((row) => objectOf(row, baseOf(request))) });
    }),

    route(CREATE_OBJECT, async (request, response) => {
      const { content } = readEnvelope(request, ENVELOPE);
      const object = objectOf(await createObject(store, content, callerOf(response)), baseOf(request));
      response
        .status(201)
        .location(object.url)
        .json({ [ENVELOPE]: object });
    }),

    route(SHOW_OBJECT, async (request, response) => {
      response.json({ [ENVELOPE]: objectOf(await showObject(store, request.params.object), baseOf(request)) });
    }),

    route(UPDATE_OBJECT, async (request, response) => {
      const { content } = readEnvelope(request, ENVELOPE);
      const row = await updateObject(store, request.params.object, content, callerOf(response));
      response.json({ [ENVELOPE]: objectOf(row, baseOf(request)) });
    }),

    route(DELETE_OBJECT, async (request, response) => {
      await deleteObject(store, request.params.object, callerOf(response));
      response.status(204).end();
    }),
  ];
}
