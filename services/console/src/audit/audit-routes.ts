import { z } from "zod";
import type { NotedAct } from "@sluice/queue";
import { writeCursor, readCursor } from "../api/cursor.ts";
import { instantOf } from "../api/instant.ts";
import { route, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { AuditEntry } from "../contract/audit.ts";
import { LIMITS } from "../limits.ts";
import { timeOf, type LiveState } from "../live-state.ts";

const place = z.string().regex(/^\d{1,16}-\d{1,16}$/);

export function auditRoutes({ queue, clock }: LiveState): readonly Route[] {
  return [
    route(OPERATIONS.listAudit, async ({ query }) => {
      const { limit, cursor, action, actor, target } = query;
      const startedMs = clock.nowMs();
      const sinceMs = instantOf("since", query.since, startedMs) ?? -Infinity;
      const untilMs = instantOf("until", query.until, startedMs) ?? Infinity;
      const items: AuditEntry[] = [];
      for await (const act of queue.acts.before(readCursor(cursor, place))) {
        if (act.atMs < sinceMs) break;
        const isWanted =
          act.atMs <= untilMs &&
          (action ?? act.action) === act.action &&
          (actor ?? act.actor) === act.actor &&
          (target ?? act.target) === act.target;
        if (isWanted) items.push(entryOf(act));
        const isOver = clock.nowMs() - startedMs > LIMITS.searchMs;
        if (items.length === limit || isOver) {
          return { items, next: writeCursor(act.id), searchedTo: timeOf(act.atMs) };
        }
      }
      return { items, next: null, searchedTo: null };
    }),
  ];
}

function entryOf({ id, atMs, actor, via, action, target, reason, result, details }: NotedAct): AuditEntry {
  return { id, at: timeOf(atMs), actor, via, action, target, reason, result, details: details ?? null };
}
