import { z } from "zod";
import {
  HistoryAwayError,
  MissingKeyError,
  type EventTrace as HistoryTrace,
  type History,
  type Page,
  type PagePosition,
  type TimelineEntry as HistoryEntry,
} from "@sluice/history";
import type { RecordName } from "@sluice/record";
import { writeCursor, readCursor } from "../api/cursor.ts";
import { Fault } from "../api/fault.ts";
import { instantOf } from "../api/instant.ts";
import { route, type Call, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { EventTraceJson, TimelineEntryJson } from "../contract/event.ts";
import { assertKnown } from "../destinations/known-destination.ts";
import { timeOf, type LiveState } from "../live-state.ts";
import { actsOn, actText } from "./acts-on.ts";

export type HistoryRoutesOptions = LiveState & {
  /** Null: none is kept. */
  readonly history: History | null;
};

const member = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const place = z.tuple([member, member, member]);

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

  /** A page of a time line with the acts of its time; none are from before the record was first heard of. */
  async function amongActs(
    record: RecordName,
    { items, next }: Page<HistoryEntry>,
    before: PagePosition | null,
  ): Promise<readonly TimelineEntryJson[]> {
    const oldest = items.at(-1);
    if (oldest === undefined && next === null) return items;
    const fromMs = next === null ? Date.parse(oldest?.at ?? "") - 1 : Math.floor(next[0] / 1000);
    const untilMs = before === null ? Infinity : Math.floor(before[0] / 1000);
    const things = { destinations: [record.destination], records: [record], events: [] };
    const acts = (await actsOn(queue.acts, things, fromMs, untilMs)).map((act): TimelineEntryJson => {
      return { at: timeOf(act.atMs), what: "act", text: actText(act), event: null, flight: null, fields: [] };
    });
    return [...acts, ...items].toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  }

  /** An event's trace with the acts since it came in; of its destinations only those until it had ended. */
  async function withActs(trace: HistoryTrace): Promise<EventTraceJson> {
    const { event, changes } = trace;
    const arrivedMs = Date.parse(event.arrivedAt);
    const ends = changes.map(({ endedAt }) => (endedAt === null ? Infinity : Date.parse(endedAt)));
    const endedMs = Math.max(arrivedMs, ...ends);
    const records = changes.map(({ record }) => record);
    const things = {
      destinations: records.map(({ destination }) => destination),
      records,
      events: [{ source: event.source, id: event.id }],
    };
    const acted = (await actsOn(queue.acts, things, arrivedMs, Infinity))
      .filter(({ action, atMs }) => atMs <= endedMs || !action.startsWith("destination."))
      .map((act) => ({ at: timeOf(act.atMs), what: "acted" as const, text: actText(act), record: null, tookMs: null }));
    const steps = [...trace.steps, ...acted].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    return { ...trace, steps };
  }

  return [
    route(OPERATIONS.findEvents, async ({ query }) => {
      const { limit, cursor, since, until, ...filter } = query;
      const nowMs = clock.nowMs();
      const [sinceMs, untilMs] = [instantOf("since", since, nowMs), instantOf("until", until, nowMs)];
      const before = readCursor(cursor, place);
      return shownPage(
        await ask(async (of) => await of.findEvents({ ...filter, sinceMs, untilMs }, { limit, before })),
      );
    }),
    route(OPERATIONS.traceEvent, async ({ path: { ref = "" } }) => {
      const answer = await ask(async (of) => await of.traceEvent(ref));
      switch (answer.kind) {
        case "found":
          return await withActs(answer.trace);
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
      const before = readCursor(cursor, place);
      const record = recordOf(call);
      const page = await ask(async (of) => await of.timeline(record, { limit, before }));
      return shownPage({ ...page, items: await amongActs(record, page, before) });
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

function nextOf(next: PagePosition | null): string | null {
  return next === null ? null : writeCursor(next);
}
