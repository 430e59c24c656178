import { z } from "zod";
import { acting } from "@sluice/operator";
import { writeCursor, readCursor } from "../api/cursor.ts";
import { Fault } from "../api/fault.ts";
import { route, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { Task } from "../contract/task.ts";
import { actorOf, type LiveState } from "../live-state.ts";
import type { FleetTasks } from "./fleet-tasks.ts";

export function taskRoutes({ queue, fleetTasks }: LiveState & { readonly fleetTasks: FleetTasks }): readonly Route[] {
  async function known(id: string): Promise<Task> {
    const task = await fleetTasks.get(id);
    if (task === null) throw new Fault("task_unknown", `there is no task ${id}`);
    return task;
  }
  return [
    route(OPERATIONS.listTasks, async ({ query: { limit, cursor } }) => {
      const from = readCursor(cursor, z.number().int().min(0)) ?? 0;
      const all = await fleetTasks.all();
      const next = from + limit < all.length ? writeCursor(from + limit) : null;
      return { items: all.slice(from, from + limit), next, searchedTo: null };
    }),
    route(OPERATIONS.getTask, async ({ path: { id = "" } }) => await known(id)),
    route(OPERATIONS.abortTask, async ({ path: { id = "" }, body, caller }) => {
      const task = await known(id);
      if (task.state !== "running") {
        throw new Fault("act_conflict", `the task is ${task.state}`);
      }
      await acting(queue, actorOf(caller, body.reason), { action: "task.abort", target: id }, async () => {
        await fleetTasks.end(id);
        return { word: "asked to end" };
      });
      return await known(id);
    }),
  ];
}
