import type { RecordName } from "@sluice/record";
import { refOf, type Delivery } from "../delivery.ts";
import type { Understood, UnderstoodChange, UnderstoodEvent } from "../written/understood.ts";
import type { ShownOutcome } from "../story/outcome.ts";

/** One delivery of one event, as the history found it. */
export type FoundEvent = {
  readonly webhook: Understood;
  readonly event: UnderstoodEvent;
  readonly delivery: Delivery;
};

/** A change of a record, and the delivery of the event that brought it. */
export type FoundChange = FoundEvent & { readonly change: UnderstoodChange };

/** Names one event; `ref` null: the history does not have it. */
export type EventName = {
  readonly ref: string | null;
  readonly id: string | null;
  readonly source: string | null;
  readonly type: string | null;
  readonly arrivedAt: string | null;
};

export type EventRow = {
  readonly ref: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string | null;
  readonly arrivedAt: string;
  readonly run: number;
  readonly outcome: ShownOutcome;
  readonly code: string | null;
  readonly changes: number;
  readonly records: readonly RecordName[];
};

/** The events of a webhook, each with its own delivery. */
export function eventsOf(webhook: Understood): readonly FoundEvent[] {
  const { first, events } = webhook;
  return events.map((event, at) => ({ webhook, event, delivery: { ...first, micros: first.micros + at } }));
}

/** A webhook that could not be understood is shown as one event without a type. */
export function rowsOf(webhook: Understood): readonly FoundEvent[] {
  if (webhook.events.length > 0 || webhook.fault === null) return eventsOf(webhook);
  const { first } = webhook;
  const event = { id: refOf(first), type: "", time: null, isThin: false, isDelete: false, changes: [], faults: [] };
  return [{ webhook, event, delivery: first }];
}

/** Whether it is a document that was fetched for an event. */
export function isDocument({ request, fault }: Pick<Understood, "request" | "fault">): boolean {
  return request === null && fault === null;
}

/** A document that was fetched has the delivery of the event that asked for it: its ref says which of the two it is. */
export function refOfFound({ webhook, delivery }: Pick<FoundEvent, "webhook" | "delivery">): string {
  return isDocument(webhook) ? `${refOf(delivery)}-doc` : refOf(delivery);
}

export function eventNameOf(found: FoundEvent): EventName {
  const { event, webhook } = found;
  return {
    ref: refOfFound(found),
    id: event.id,
    source: webhook.source,
    type: event.type,
    arrivedAt: arrivedAt(found.delivery),
  };
}

export function eventRow(found: FoundEvent, outcome: ShownOutcome, code: string | null): EventRow {
  const { event, webhook, delivery } = found;
  return {
    ref: refOfFound(found),
    id: event.id,
    source: webhook.source,
    type: event.type,
    time: event.time,
    arrivedAt: arrivedAt(delivery),
    run: delivery.run,
    outcome,
    code,
    changes: event.changes.length,
    records: event.changes.slice(0, 5).map(({ record }) => record),
  };
}

export function arrivedAt({ micros }: Delivery): string {
  return new Date(Math.floor(micros / 1000)).toISOString();
}
