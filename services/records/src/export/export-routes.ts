import { ANSWERS, LIMITS, RULINGS, Refusal } from "@sluice/zendesk";
import { route, type Route } from "../api/operation.ts";
import { pageCursor, isIsoTime, readPageCursor, readSize, type RowPosition } from "../paging/page-request.ts";
import { recordOf } from "../records/record-row.ts";
import { ULID } from "../records/ulid.ts";
import { baseOf } from "../origin.ts";
import { parameter, queryOf } from "../request.ts";
import type { Store } from "../store.ts";
import { EXPORT_RECORDS } from "./export-operations.ts";
import { exportPage, withoutDeleted } from "./record-export.ts";

const ORDER = { order: "export", descending: false } as const;

/** `/incremental/custom_objects/{object}/cursor` (§12). */
export function exportRoutes(store: Store): readonly Route[] {
  return [
    route(EXPORT_RECORDS, async (request, response) => {
      const { object } = request.params;
      await store.definitions.with(object, () => Promise.resolve(undefined));
      const parameters = queryOf(request);
      const excludeDeleted = parameter(parameters, "filter[exclude_deleted]") === "true";
      const size = readSize(parameter(parameters, "per_page"), LIMITS.exportPageSize, LIMITS.exportPageSize);
      const after = readStart(parameters, store.clock.nowMs());
      const { rows, definition, hasMore } = await exportPage(store, object, { after, size, excludeDeleted });

      const base = baseOf(request);
      const last = rows.at(-1);
      const cursor = pageCursor(
        last === undefined ? after : { value: last.updated_at.toISOString(), id: last.id },
        ORDER,
      );
      const kept = new URLSearchParams(parameters);
      kept.delete("start_time");
      kept.set("cursor", cursor);
      const url = `${base}/incremental/custom_objects/${object}/cursor.json?${kept.toString()}`;
      response.json({
        custom_object_records: rows.map((row) => {
          const { photo: _, ...record } = recordOf(withoutDeleted(row), definition, base);
          return record;
        }),
        after_cursor: cursor,
        after_url: url,
        before_cursor: null,
        before_url: null,
        filter: { exclude_deleted: excludeDeleted },
        meta: { has_more: hasMore },
        links: { next: hasMore ? url : null, prev: null },
        end_of_stream: !hasMore,
      });
    }),
  ];
}

/** @throws Refusal 400 InvalidCursor */
function readCursor(cursor: string): RowPosition {
  try {
    return readPageCursor(cursor, ORDER.order, isIsoTime, (id) => id === "" || ULID.test(id));
  } catch (cause) {
    throw cause instanceof Refusal ? new Refusal(ANSWERS.invalidCursor(), { cause }) : cause;
  }
}

/** @throws Refusal 400 neither a cursor nor a start that is old enough */
function readStart(parameters: URLSearchParams, nowMs: number): RowPosition {
  const cursor = parameter(parameters, "cursor");
  if (cursor !== null && cursor !== "") {
    return readCursor(cursor);
  }
  const start = parameter(parameters, "start_time") ?? "";
  const startMs = /^\d{1,11}$/.test(start) ? Number(start) * 1_000 : Number.NaN;
  if (Number.isNaN(startMs)) throw new Refusal(ANSWERS.invalidParameter("start_time is not a time in Unix seconds"));
  if (startMs > nowMs - RULINGS.exportDelayMs) {
    throw new Refusal(ANSWERS.startTimeTooRecent());
  }
  return { value: new Date(startMs).toISOString(), id: "" };
}
