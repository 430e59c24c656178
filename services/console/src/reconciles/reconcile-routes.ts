import { z } from "zod";
import { acting } from "@sluice/operator";
import { writeCursor, readCursor } from "../api/cursor.ts";
import { Fault } from "../api/fault.ts";
import { route, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { Reconcile } from "../contract/reconcile.ts";
import { unknownDestination } from "../destinations/known-destination.ts";
import { actorOf, type LiveState } from "../live-state.ts";
import type { ReconcileDesk } from "./reconcile-desk.ts";

export type ReconcileRoutesOptions = LiveState & {
  /** Null: no history is kept, and nobody knows which values were confirmed. */
  readonly desk: ReconcileDesk | null;
};

export function reconcileRoutes({ queue, configuration, desk }: ReconcileRoutesOptions): readonly Route[] {
  function open(): ReconcileDesk {
    if (desk !== null) return desk;
    throw new Fault("history_off", "nothing is archived: Redis keeps which versions were confirmed, and no values");
  }

  async function known(id: string): Promise<Reconcile> {
    const found = await open().get(id);
    if (found === null) throw new Fault("reconcile_unknown", `there is no reconcile ${id}`);
    return found;
  }

  return [
    route(OPERATIONS.beginReconcile, async ({ body, caller }) => {
      const { destination, object = null, sample = null, repair, reason } = body;
      if (!configuration().destinations.has(destination)) throw unknownDestination(destination);
      const actor = actorOf(caller, reason);
      const act = { action: repair ? "reconcile.repair" : "reconcile.begin", target: destination };
      const { begun } = await acting(queue, actor, act, async () => {
        const started = await open().begin({ destination, object, sample, repair }, actor.actor);
        return { word: "begun", details: { id: started.id, object, sample }, begun: started };
      });
      return begun;
    }),
    route(OPERATIONS.listReconciles, async ({ query: { limit, cursor } }) => {
      const from = readCursor(cursor, z.number().int().min(0)) ?? 0;
      const all = await open().all();
      const next = from + limit < all.length ? writeCursor(from + limit) : null;
      return { items: all.slice(from, from + limit), next, searchedTo: null };
    }),
    route(OPERATIONS.getReconcile, async ({ path: { id = "" } }) => await known(id)),
    route(OPERATIONS.abortReconcile, async ({ path: { id = "" }, body, caller }) => {
      const { state } = await known(id);
      if (state !== "running") throw new Fault("act_conflict", `the reconcile is ${state}`);
      await acting(queue, actorOf(caller, body.reason), { action: "reconcile.abort", target: id }, async () => {
        await open().abort(id);
        return { word: "asked to end" };
      });
      return await known(id);
    }),
  ];
}
