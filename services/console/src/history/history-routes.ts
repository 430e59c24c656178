import { z } from "zod";
import {
  HistoryAwayError,
  MissingKeyError,
  type History,
  type Page,
  type Place,
  type RecordName,
} from "@sluice/history";
import { cursorOf, placeOf } from "../api/cursor.ts";
import { Fault } from "../api/fault.ts";
import { instantOf } from "../api/instant.ts";
import { route, type Call, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import { assertKnown } from "../destinations/known-destination.ts";
import { timeOf, type Live } from "../live.ts";

export type HistoryRoutesOptions = Live & {
  /** Null: none is kept. */
  readonly history: History | null;
};

const place = z.tuple([z.number(), z.number(), z.number()]);

/** The routes that answer from the history; for a record beside its live state, which is the truth. */
export function historyRoutes({ history, queue, configuration, clock }: HistoryRoutesOptions): readonly Route[] {
  /** Asks the history. @throws Fault `history_off`, `history_away`, `history_key_missing` */
  async function ask<T>(work: (of: History) => Promise<T>): Promise<T> {
    if (history === null)
      throw new Fault("history_off", "nothing is archived, so that nothing of the past can be told");
    try {
      return await work(history);
    } catch (error) {
      if (error instanceof HistoryAwayError) throw new Fault("history_away", error.message, { cause: error });
      if (error instanceof MissingKeyError) throw new Fault(error.code, error.message, { cause: error });
      throw error;
    }
  }

  function recordOf({ path, query }: Pick<Call<typeof OPERATIONS.traceRecord>, "path" | "query">): RecordName {
    const { destination = "", object = "", key = "" } = path;
    assertKnown(configuration(), destination);
    return { destination, object, by: query.by, key };
  }

  return [
    route(OPERATIONS.findEvents, async ({ query }) => {
      const { limit, cursor, since, until, ...filter } = query;
      const nowMs = clock.nowMs();
      const [sinceMs, untilMs] = [instantOf("since", since, nowMs), instantOf("until", until, nowMs)];
      const before = placeOf(cursor, place);
      return shownPage(
        await ask(async (of) => await of.findEvents({ ...filter, sinceMs, untilMs }, { limit, before })),
      );
    }),
    route(OPERATIONS.traceEvent, async ({ path: { ref = "" } }) => {
      const answer = await ask(async (of) => await of.traceEvent(ref));
      switch (answer.kind) {
        case "found":
          return answer.trace;
        case "unknown":
          throw new Fault("event_unknown", `the history has no event ${ref}`);
        case "ambiguous":
          throw new Fault(
            "event_ambiguous",
            `${answer.refs.length} deliveries are called ${ref}: ${answer.refs.slice(0, 5).join(", ")}`,
          );
      }
    }),
    route(OPERATIONS.traceRecord, async (call) => {
      const record = recordOf(call);
      const { destination, object, by, key } = record;
      const view = await queue.lane(destination).records.show(object, { by, value: key });
      const live = view ?? { confirmed: new Map(), pending: new Map(), aside: new Map() };
      const { fields, gaps } = await ask(async (of) => await of.explain(record, live));
      if (view === null && fields.length === 0) {
        throw new Fault("record_unknown", `nothing is known of ${object} ${key} at ${destination}`);
      }
      return { record, fields, gaps };
    }),
    route(OPERATIONS.getTimeline, async (call) => {
      const { limit, cursor } = call.query;
      const before = placeOf(cursor, place);
      return shownPage(await ask(async (of) => await of.timeline(recordOf(call), { limit, before })));
    }),
  ];
}

function shownPage<T>({ items, next, searchedToMs }: Page<T>): {
  items: T[];
  next: string | null;
  searchedTo: string | null;
} {
  return { items: [...items], next: nextOf(next), searchedTo: timeOf(searchedToMs) };
}

function nextOf(next: Place | null): string | null {
  return next === null ? null : cursorOf(next);
}
