import { Router, type Request } from "express";
import { callerOf, only } from "../caller.ts";
import { createObject, deleteObject, listObjects, objectOf, showObject, updateObject } from "./objects.ts";
import { baseOf, readEnvelope } from "../request.ts";
import type { Store } from "../store.ts";

const ENVELOPE = "custom_object";

/** `/custom_objects` (§6). */
export function objectRoutes(store: Store): Router {
  const router = Router();
  const admins = only("admin");
  type One = Request<{ object: string }>;

  router.get("/custom_objects", async (request, response) => {
    const objects = await listObjects(store);
    response.json({ custom_objects: objects.map((row) => objectOf(row, baseOf(request))) });
  });

  router.post("/custom_objects", admins, async (request, response) => {
    const { content } = readEnvelope(request, ENVELOPE);
    const object = objectOf(await createObject(store, content, callerOf(response)), baseOf(request));
    response
      .status(201)
      .location(object.url)
      .json({ [ENVELOPE]: object });
  });

  router.get("/custom_objects/:object", async (request: One, response) => {
    response.json({ [ENVELOPE]: objectOf(await showObject(store, request.params.object), baseOf(request)) });
  });

  router.patch("/custom_objects/:object", admins, async (request: One, response) => {
    const { content } = readEnvelope(request, ENVELOPE);
    const row = await updateObject(store, request.params.object, content, callerOf(response));
    response.json({ [ENVELOPE]: objectOf(row, baseOf(request)) });
  });

  router.delete("/custom_objects/:object", admins, async (request: One, response) => {
    await deleteObject(store, request.params.object, callerOf(response));
    response.status(204).end();
  });

  return router;
}
