import { route, type Route } from "../api/operation.ts";
import { listFields } from "../fields/fields.ts";
import { listObjects } from "../objects/objects.ts";
import type { Store } from "../store.ts";
import { FIELD_LIMIT, OBJECT_LIMIT, RECORD_LIMIT } from "./limit-operations.ts";

/** `…/limits/…`. */
export function limitRoutes(store: Store): readonly Route[] {
  const { account } = store;
  return [
    route(OBJECT_LIMIT, async (_request, response) => {
      response.json({ count: (await listObjects(store)).length, limit: account.objects });
    }),

    route(RECORD_LIMIT, async (_request, response) => {
      response.json({ count: await store.tally.count(), limit: account.records });
    }),

    route(FIELD_LIMIT, async (request, response) => {
      const fields = await listFields(store, request.params.object, false);
      response.json({ count: fields.length, limit: account.fieldsPerObject });
    }),
  ];
}
