import type { Json } from "@sluice/event";
import { shownField, type RecordName } from "@sluice/record";
import type { HistoryDatabase } from "./store/connection.ts";
import { readRef, type Delivery } from "./delivery.ts";
import { recordName, rowWith } from "./find-events.ts";
import {
  changesOf,
  CLOCKS_APART_MICROS,
  EVER,
  flightsOfRecords,
  joinWebhook,
  linesWith,
  webhooksOf,
  type IsOver,
} from "./read.ts";
import {
  eventNameOf,
  eventRow,
  refOfFound,
  rowsOf,
  type EventName,
  type EventRow,
  type FoundChange,
  type FoundEvent,
} from "./shown/event-row.ts";
import { shownFlight, type Flight } from "./shown/flight.ts";
import { shownStamp, type ShownStamp } from "./shown/stamp.ts";
import { stepsOf, type TraceStep } from "./shown/steps.ts";
import { gapsIn, gapText } from "./store/gaps.ts";
import { OutOfTimeError, walk, type WalkOptions } from "./store/walk.ts";
import { setAsideFlight, mostTelling, same, withAside, type End, type ShownOutcome } from "./story/outcome.ts";
import {
  becameOf,
  endIn,
  flightsOf,
  storyOf,
  type Because,
  type Became,
  type RecordStory,
} from "./story/record-story.ts";
import { searchName } from "./written/names.ts";
import { readUnderstood, type StoredRequest, type Understood, type UnderstoodFault } from "./written/understood.ts";

export type ChangedField = {
  readonly field: string;
  readonly value: Json;
  /** False: a source's `redact` keeps it out, and `value` is null. */
  readonly isKnown: boolean;
  readonly became: Became;
  readonly because: Because | null;
};

export type ChangeTrace = {
  readonly record: RecordName;
  readonly effect: "fields" | "delete";
  readonly stamp: ShownStamp;
  readonly mapping: string | null;
  readonly fields: readonly ChangedField[];
  readonly outcome: ShownOutcome;
  readonly code: string | null;
  readonly message: string | null;
  readonly endedAt: string | null;
  readonly mergedWith: readonly EventName[];
  readonly flights: readonly Flight[];
};

export type WebhookTrace = StoredRequest & {
  readonly ref: string;
  readonly source: string;
  readonly arrivedAt: string;
  readonly events: readonly EventName[];
};

/** Everything that is known of one delivery of an event. */
export type EventTrace = {
  readonly event: EventRow & { readonly isThin: boolean; readonly operation: "delete" | null };
  readonly webhook: WebhookTrace | null;
  readonly deliveries: readonly EventRow[];
  readonly changes: readonly ChangeTrace[];
  readonly faults: readonly UnderstoodFault[];
  readonly steps: readonly TraceStep[];
  readonly gaps: readonly string[];
};

/** `ambiguous`: a sender's id that several deliveries have; their refs tell them apart. */
export type TraceAnswer =
  | { readonly kind: "found"; readonly trace: EventTrace }
  | { readonly kind: "unknown" }
  | { readonly kind: "ambiguous"; readonly refs: readonly string[] };

/** @param name a ref, or a sender's own id where it means one delivery alone */
export async function traceEvent(database: HistoryDatabase, name: string, isOver: IsOver): Promise<TraceAnswer> {
  const found = await deliveriesNamed(database, name, isOver);
  const [one] = found;
  if (one === undefined) return { kind: "unknown" };
  if (found.length > 1) return { kind: "ambiguous", refs: found.map(refOfFound) };
  return { kind: "found", trace: await tracedFrom(database, one, isOver) };
}

async function deliveriesNamed(
  database: HistoryDatabase,
  name: string,
  isOver: IsOver,
): Promise<readonly FoundEvent[]> {
  const delivery = readRef(name.replace(/-doc$/, ""));
  if (delivery !== null) {
    const all = await eventsIn(
      database,
      { names: [], fromMicros: delivery.micros, untilMicros: delivery.micros },
      [],
      isOver,
    );
    const own = all.filter((each) => refOfFound(each) === name);
    if (own.length > 0) return own;
  }
  return await eventsCalled(database, name, isOver);
}

async function eventsCalled(database: HistoryDatabase, id: string, isOver: IsOver): Promise<readonly FoundEvent[]> {
  const between = { names: [searchName.event(id)], fromMicros: 0, untilMicros: EVER };
  const all = await eventsIn(database, between, [JSON.stringify(id)], isOver);
  return all.filter(({ event }) => event.id === id);
}

async function eventsIn(
  database: HistoryDatabase,
  asked: Pick<WalkOptions, "names" | "fromMicros" | "untilMicros">,
  texts: readonly string[],
  isOver: IsOver,
): Promise<readonly FoundEvent[]> {
  const known: Understood[] = [];
  try {
    for await (const { lines } of walk(database, { stream: "understood", order: "newest", ...asked }, isOver)) {
      for (const line of linesWith(lines, texts)) {
        const webhook = readUnderstood(line);
        const isNear =
          webhook.first.micros <= asked.untilMicros && webhook.first.micros >= asked.fromMicros - MOST_EVENTS;
        if (isNear && !joinWebhook(known, webhook)) known.push(webhook);
      }
    }
  } catch (error) {
    // The webhooks found until then are told.
    if (!(error instanceof OutOfTimeError)) throw error;
  }
  return known.flatMap(rowsOf);
}

/** Events of a webhook come a microsecond after one another. */
const MOST_EVENTS = 1_000_000;

async function tracedFrom(database: HistoryDatabase, found: FoundEvent, isOver: IsOver): Promise<EventTrace> {
  const { event, webhook, delivery } = found;
  const stories = new Map<string, RecordStory>();
  for (const { record } of event.changes) {
    stories.set(recordName(record), await storyAround(database, record, delivery, isOver));
  }
  const traced = event.changes.map((change) => {
    const story = stories.get(recordName(change.record))!;
    const own: FoundChange = { ...found, change };
    return { change: own, story, end: endIn(story, own) };
  });
  const changes = traced.map(({ change, story, end }) => changeTrace(change, story, end));
  const others = (await eventsCalled(database, event.id, isOver)).filter(
    (each) => each.webhook.source === webhook.source && refOfFound(each) !== refOfFound(found),
  );
  const gaps = await gapsIn(database, webhook.understoodMs, Date.now());
  const isOpen = changes.some(({ outcome }) => outcome === "pending" || outcome === "unknown");
  const ends = traced.map(({ change: { change }, story, end }) =>
    withAside(end, setAsideFlight(change.stamp, flightsOf(story, change.stamp))),
  );
  const outcomes = [
    ...ends.map((end) => end.outcome),
    ...event.faults.map(() => "dead" as const),
    ...(webhook.fault === null ? [] : ["dead" as const]),
  ];
  const outcome = mostTelling(outcomes);
  const code =
    ends.find((end) => end.outcome === outcome)?.flight?.code ??
    (outcome === "dead" ? (webhook.fault?.code ?? event.faults[0]?.code ?? null) : null);
  return {
    event: { ...eventRow(found, outcome, code), isThin: event.isThin, operation: event.isDelete ? "delete" : null },
    webhook: webhookTrace(webhook),
    deliveries: others.map((each) => rowWith(each, { byRecord: new Map(), isAll: false })),
    changes,
    faults: event.faults,
    steps: stepsOf(found, changes),
    gaps: isOpen ? gaps.map(gapText) : [],
  };
}

/** The record's changes and flights, the ones around the delivery first. */
async function storyAround(
  database: HistoryDatabase,
  record: RecordName,
  { micros }: Delivery,
  isOver: IsOver,
): Promise<RecordStory> {
  const fromMicros = micros - CLOCKS_APART_MICROS;
  const webhooks = await webhooksOf(database, record, { fromMicros: 0, untilMicros: EVER }, isOver);
  const flights = await flightsOfRecords(
    database,
    [record],
    { fromMicros, untilMicros: EVER, order: "oldest" },
    isOver,
  );
  const gaps = await gapsIn(database, fromMicros / 1000, Date.now());
  const times = gaps.map(({ fromMs, untilMs }) => [fromMs, untilMs] as const);
  const changes = webhooks.found.flatMap((webhook) => changesOf(webhook, record));
  return storyOf(changes, flights.found, { gaps: times, isAll: flights.isAll });
}

export function changeTrace(found: FoundChange, story: RecordStory, end: End): ChangeTrace {
  const { change } = found;
  const names = [...Object.keys(change.fields), ...change.hidden];
  const flights = flightsOf(story, change.stamp);
  return {
    record: change.record,
    effect: change.effect,
    stamp: shownStamp(change.stamp, change.versionKind),
    mapping: change.row,
    fields: names.map((field) => ({
      field: shownField(field),
      value: change.fields[field] ?? null,
      isKnown: field in change.fields,
      ...becameOf(story, found, field, end),
    })),
    outcome: end.outcome,
    code: end.flight?.code ?? null,
    message: end.flight?.message ?? null,
    endedAt: endedAt(found, end),
    mergedWith: mergedWith(found, story, end),
    flights: flights.map(shownFlight),
  };
}

function endedAt({ change, webhook }: FoundChange, { outcome, flight }: End): string | null {
  if (flight !== null) return new Date(flight.endedMs).toISOString();
  const isOver = change.word !== "accepted" && change.word !== "same" && outcome !== "pending";
  return isOver ? new Date(webhook.understoodMs).toISOString() : null;
}

function mergedWith({ change }: FoundChange, story: RecordStory, { flight }: End): readonly EventName[] {
  if (flight === null) return [];
  const stamps = [
    ...flight.carried.map(({ stamp }) => stamp),
    ...(flight.deletion === null ? [] : [flight.deletion.stamp]),
  ];
  return story.changes
    .filter((other) => !same(other.change.stamp, change.stamp) && other.change.word !== "duplicate")
    .filter((other) => stamps.some((stamp) => same(stamp, other.change.stamp)))
    .map(eventNameOf);
}

function webhookTrace(webhook: Understood): WebhookTrace | null {
  const { request, source, first } = webhook;
  if (request === null) return null;
  const events = rowsOf(webhook).map(eventNameOf);
  const at = new Date(Math.floor(first.micros / 1000)).toISOString();
  return { ref: events[0]?.ref ?? "", source, arrivedAt: at, ...request, events };
}
