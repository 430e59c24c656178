import type { Database } from "@sluice/runtime";
import type { RecordName } from "@sluice/record";
import { createArchive, type Archive } from "./archive.ts";
import { awayUnlessOurs, readable } from "./away.ts";
import { chooseWebhooks, type ChosenWebhook } from "./choose-webhooks.ts";
import { findRefused } from "./find-refused.ts";
import { findEvents, type EventFilter } from "./find-events.ts";
import { LIMITS } from "./limits.ts";
import type { Page, PagePosition } from "./page.ts";
import { changesOf, EVER, flightsOfRecords, webhooksOf, isOverAfter } from "./read.ts";
import type { EventRow } from "./shown/event-row.ts";
import { createArchiveStore } from "./store/archive-store.ts";
import { createConnection, type HistoryDatabase } from "./store/connection.ts";
import { confirmedStretch, type ConfirmedAsked, type ConfirmedStretch } from "./confirmed/confirmed-stretch.ts";
import { readConfirmedValues, type ConfirmedValues, type ValuesAsked } from "./confirmed/confirmed-values.ts";
import { daysOf } from "./store/days.ts";
import { createEncryption } from "./store/encryption.ts";
import { gapsIn, gapText } from "./store/gaps.ts";
import { startKeeper } from "./store/keeper.ts";
import { createHistoryLetters, type HistoryLetters } from "./letters/history-letters.ts";
import { explainFields, type FieldTrace, type LiveFields } from "./story/explain-fields.ts";
import { storyOf, type RecordStory } from "./story/record-story.ts";
import { timelineOf, type TimelineEntry } from "./timeline.ts";
import { traceEvent, type TraceAnswer } from "./trace-event.ts";

/** The history of one fleet. Writing and reading share a database, which may be away at any time. */
export type History = {
  /** Archives from now on, and looks after the segments that are kept. */
  archive(options: HistoryArchiveOptions): Archive;
  /** The newest first; those that are dead or have fields set aside by when they were refused. @throws HistoryAwayError (`code` "history_away"), as the others here do */
  findEvents(filter: EventFilter, page: PageAsked): Promise<Page<EventRow>>;
  /** The webhooks that hold an event that the filter means, the oldest first, as they first came in; behind `after`. Ends early once `isOver`. */
  webhooks(filter: EventFilter, after: PagePosition | null, isOver: () => boolean): AsyncIterable<ChosenWebhook>;
  /** The times of which something is missing, in sentences. */
  gaps(fromMs: number, untilMs: number): Promise<readonly string[]>;
  /** The same times. */
  gapTimes(fromMs: number, untilMs: number): Promise<readonly (readonly [fromMs: number, untilMs: number])[]>;
  /** Records with the newest that a destination confirmed of them, by the flights; null: it was over before. */
  confirmed(asked: ConfirmedAsked, isOver: () => boolean): Promise<ConfirmedStretch | null>;
  /** The values of stamps, as events brought them; null: it was over before. */
  values(asked: ValuesAsked, isOver: () => boolean): Promise<ConfirmedValues | null>;
  /** @param name a ref, or a sender's own id */
  traceEvent(name: string): Promise<TraceAnswer>;
  timeline(record: RecordName, page: PageAsked): Promise<Page<TimelineEntry>>;
  /** Everything that is known of a record, and in sentences the gaps in it. */
  recordStory(record: RecordName): Promise<{ readonly story: RecordStory; readonly gaps: readonly string[] }>;
  /** Each field of a record as it stands, with the event that set it, the values it replaced, and the values refused as older. */
  explain(
    record: RecordName,
    live: LiveFields,
  ): Promise<{ readonly fields: readonly FieldTrace[]; readonly gaps: readonly string[] }>;
  numbers(): Promise<HistoryNumbers>;
  /** Dead letters that left Redis. */
  readonly letters: HistoryLetters;
  close(): Promise<void>;
};

export type PageAsked = { readonly limit: number; readonly before: PagePosition | null };

export type HistoryNumbers = { readonly bytes: number; readonly sinceDay: string | null };

export type HistoryOptions = {
  /** Called when it is first needed, and again after it failed. */
  readonly open: () => Promise<Database>;
  /** False: another part of the process uses the database too, and closes it. */
  readonly isOwn: boolean;
  /** Keys of 32 bytes: the first encrypts what is written from now on, all of them decrypt. None: what is written is not encrypted. */
  readonly keys?: readonly Uint8Array[];
  /** Told once of each encrypted part that is not what was written there. The search goes on without it. */
  readonly onAltered?: (error: Error) => void;
  /** The clock by which days are made for letters; the system's where none is given. */
  readonly nowMs?: () => number;
};

export type HistoryArchiveOptions = {
  readonly session: string;
  /** How long a day is kept, and how much all of them may take. */
  readonly keepMs: number;
  readonly mostBytes: number;
  readonly nowMs: () => number;
  readonly onDropped: (days: readonly string[]) => void;
  readonly onError: (error: Error) => void;
};

/** Opens nothing yet: a worker starts, and goes on, without its history's database. */
export function openHistory({ open, isOwn, keys = [], onAltered, nowMs: clockMs = Date.now }: HistoryOptions): History {
  const connection = createConnection(open, isOwn, createEncryption(keys), onAltered);
  const database = async (): Promise<HistoryDatabase> => {
    const opened = await connection.database().catch((error: unknown) => {
      throw awayUnlessOurs(error);
    });
    return readable(opened);
  };

  async function recordStory(record: RecordName): ReturnType<History["recordStory"]> {
    const on = await database();
    const between = { fromMicros: 0, untilMicros: EVER };
    const isOver = isOverAfter(LIMITS.traceMs);
    const webhooks = await webhooksOf(on, record, between, isOver);
    const flights = await flightsOfRecords(on, [record], { ...between, order: "newest" }, isOver);
    const changes = webhooks.found.flatMap((webhook) => changesOf(webhook, record));
    const gaps = await gapsIn(on, 0, Date.now());
    const times = gaps.map(({ fromMs, untilMs }) => [fromMs, untilMs] as const);
    const isAll = webhooks.isAll && flights.isAll;
    const cut = isAll
      ? []
      : [`more of this record is in the history than a trace tells: its ${changes.length} newest changes are told`];
    return {
      story: storyOf(changes, flights.found, { gaps: times, isAll: flights.isAll }),
      gaps: [...cut, ...gaps.map(gapText)],
    };
  }

  return {
    archive({ session, keepMs, mostBytes, nowMs, onDropped, onError }) {
      const store = createArchiveStore(connection, nowMs);
      const archive = createArchive({ store, session, nowMs, onError });
      const keeper = startKeeper(connection, { keepMs, mostBytes, nowMs, onDropped, onError });
      return {
        ...archive,
        async close(deadlineMs) {
          keeper.close();
          await archive.close(deadlineMs);
        },
      };
    },
    async findEvents(filter, { limit, before }) {
      const asked = { limit: Math.min(limit, LIMITS.pageRows), before, isOver: isOverAfter(LIMITS.searchMs) };
      const isRefused =
        filter.outcome === "dead" ||
        filter.outcome === "set_aside" ||
        (filter.outcome === undefined && filter.code !== undefined);
      const find = isRefused && filter.text === undefined ? findRefused : findEvents;
      return await find(await database(), filter, asked);
    },
    async *webhooks(filter, after, isOver) {
      yield* chooseWebhooks(await database(), filter, after, isOver);
    },
    gaps: async (fromMs, untilMs) => (await gapsIn(await database(), fromMs, untilMs)).map(gapText),
    async gapTimes(fromMs, untilMs) {
      return (await gapsIn(await database(), fromMs, untilMs)).map((gap) => [gap.fromMs, gap.untilMs] as const);
    },
    confirmed: async (asked, isOver) => await confirmedStretch(await database(), asked, isOver),
    values: async (asked, isOver) => await readConfirmedValues(await database(), asked, isOver),
    traceEvent: async (name) => await traceEvent(await database(), name, isOverAfter(LIMITS.traceMs)),
    async timeline(record, { limit, before }) {
      const asked = { limit: Math.min(limit, LIMITS.pageRows), before, isOver: isOverAfter(LIMITS.searchMs) };
      return await timelineOf(await database(), record, asked);
    },
    recordStory,
    async explain(record, live) {
      const { story, gaps } = await recordStory(record);
      return { fields: explainFields(live, story), gaps };
    },
    async numbers() {
      const days = await daysOf(await database());
      return { bytes: days.reduce((sum, { bytes }) => sum + bytes, 0), sinceDay: days[0]?.day ?? null };
    },
    letters: createHistoryLetters(database, clockMs),
    close: async () => await connection.close(),
  };
}
