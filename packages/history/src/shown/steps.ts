import type { RecordName } from "@sluice/record";
import type { ChangeTrace } from "../trace-event.ts";
import { arrivedAt, type FoundEvent } from "./event-row.ts";
import type { Flight } from "./flight.ts";

/** One step of an event's way. */
export type TraceStep = {
  readonly at: string;
  readonly what: "received" | "understood" | "merged" | "sent" | "answered" | "waits" | "held" | "ended";
  /** A sentence for people. */
  readonly text: string;
  readonly record: RecordName | null;
  readonly tookMs: number | null;
};

/** The whole way of an event, the oldest step first. */
export function stepsOf(
  { webhook, event, delivery }: FoundEvent,
  changes: readonly ChangeTrace[],
): readonly TraceStep[] {
  // A merged change may be sent before the merge's own answer is heard.
  const sentMs = changes.flatMap(({ flights }) =>
    flights.map(({ sentAt }) => (sentAt === null ? Infinity : Date.parse(sentAt))),
  );
  const understoodMs = Math.min(webhook.understoodMs, ...sentMs);
  const understoodAt = new Date(understoodMs).toISOString();
  const { request, source, fault } = webhook;
  const took = Math.max(0, understoodMs - Math.floor(delivery.micros / 1000));
  const received =
    request === null
      ? `its document was asked for by an event of ${source}`
      : request.secretNumber === 0
        ? `sent by an operator from the console, as a webhook of ${source}`
        : `received from ${source}, proven with its secret ${request.secretNumber}`;
  const understood =
    fault !== null
      ? `could not be understood: ${fault.message}`
      : `understood: ${counted(event.changes.length, "change")}${event.faults.length === 0 ? "" : `, ${counted(event.faults.length, "row")} failed`}`;
  const steps: TraceStep[] = [
    { at: arrivedAt(delivery), what: "received", text: received, record: null, tookMs: null },
    { at: understoodAt, what: "understood", text: understood, record: null, tookMs: took },
  ];
  for (const [at, change] of changes.entries()) {
    const { record, flights } = change;
    const word = event.changes[at]!.word;
    steps.push({ at: understoodAt, what: "merged", text: MERGED[word], record, tookMs: null });
    for (const flight of flights) steps.push(...stepsOfFlight(flight));
    if (change.endedAt !== null) {
      steps.push({ at: change.endedAt, what: "ended", text: endText(change), record, tookMs: null });
    }
  }
  return steps.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

const MERGED = {
  accepted: "merged into what is pending of its record",
  same: "had been merged by this very delivery before",
  superseded: "older than all that its record holds: nothing of it is sent",
  duplicate: "another delivery of this event had been merged: nothing was done",
  dead: "became a dead letter: its version is not of the kind that the object's others are",
} as const;

function stepsOfFlight(flight: Flight): readonly TraceStep[] {
  const { record, sentAt, endedAt, status, attempt, durationMs, verdict, code, records } = flight;
  const among = records > 1 ? `, with ${records - 1} other records` : "";
  const sent: TraceStep[] =
    sentAt === null
      ? []
      : [
          {
            at: sentAt,
            what: "sent",
            text: `sent to ${record.destination}${among} (attempt ${attempt})`,
            record,
            tookMs: null,
          },
        ];
  if (endedAt === null) return sent;
  const why = code === null ? "" : ` (${code})`;
  if (verdict === "held" || verdict === "object_held") {
    return [
      ...sent,
      { at: endedAt, what: "held", text: `answered ${status ?? "nothing"}: held${why}`, record, tookMs: durationMs },
    ];
  }
  if (verdict === "retry" || verdict === "cut_off") {
    return [
      ...sent,
      {
        at: endedAt,
        what: "waits",
        text: `answered ${status ?? "nothing"}: waits for its next attempt${why}`,
        record,
        tookMs: durationMs,
      },
    ];
  }
  if (status === null) return sent;
  return [
    ...sent,
    {
      at: endedAt,
      what: "answered",
      text: `${record.destination} answered ${status}${why}`,
      record,
      tookMs: durationMs,
    },
  ];
}

function endText({ outcome, code, message, mergedWith }: ChangeTrace): string {
  if (outcome === "dead") return `dead: ${message ?? code ?? "refused"}`;
  if (outcome === "merged") return `merged into the write of ${mergedWith[0]?.id ?? "a newer change"}`;
  return outcome;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
