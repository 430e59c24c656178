import { HISTORY_LIMITS, type Carried, type Flown, type Ending } from "@sluice/history";
import type { Exchange } from "@sluice/destination";
import type { Claim } from "@sluice/queue";
import type { Stamp } from "@sluice/record";
import type { ClaimedWrite } from "../writes/write.ts";
import type { Hiding } from "./hiding.ts";
import { LEFT_OUT_MARKER } from "./redacted.ts";

/** How a request went: when it was sent, by the process' steady clock, and how long it took to be answered. */
export type Trip = {
  readonly sentAt: number;
  readonly tookMs: number;
  /** Records that shared the request. */
  readonly records: number;
  readonly job: string | null;
};

/** How a flight ended. */
export type FlightEnd = {
  readonly verdict: Ending;
  readonly code: string | null;
  readonly message: string | null;
  readonly isProbe: boolean;
  /** Fields that alone were refused. */
  readonly refused: readonly string[];
};

/** A flight as the history keeps it. */
export function flownOf(
  { claim, effect }: ClaimedWrite,
  exchange: Exchange | null,
  trip: Trip | null,
  end: FlightEnd,
  { nowMs, steadyMs, hiding }: { nowMs: number; steadyMs: number; hiding: Hiding },
): Flown {
  const { destination, object, key, fence, attempts, snapshot } = claim;
  const isRequestHidden = sourcesOf(claim).some(hiding.source);
  const isAnswerHidden = isRequestHidden || hiding.answers(destination, object);
  const shown = exchange?.shown ?? null;
  const message = end.message?.slice(0, HISTORY_LIMITS.messageCharacters) ?? null;
  return {
    record: { destination, object, by: key.by, key: key.value },
    token: fence,
    attempt: attempts + 1,
    isProbe: end.isProbe,
    effect,
    sentMs: trip === null ? null : Math.round(nowMs - (steadyMs - trip.sentAt)),
    endedMs: nowMs,
    durationMs: trip === null ? null : Math.round(trip.tookMs * 10) / 10,
    records: trip?.records ?? 1,
    job: trip?.job ?? claim.job?.job ?? null,
    status: exchange?.status ?? null,
    answer: exchange?.answer.kind ?? null,
    verdict: end.verdict,
    code: end.code,
    message: message !== null && isAnswerHidden ? LEFT_OUT_MARKER : message,
    carried: carriedBy(snapshot.fields),
    deletion:
      snapshot.deletion === null ? null : { stamp: snapshot.deletion.stamp, isOpen: snapshot.deletion.change > 0 },
    refused: end.refused,
    request: shown === null || isRequestHidden ? null : bounded(shown.request),
    response: shown === null || isAnswerHidden ? null : bounded(shown.response),
  };
}

/** Fields by the change that they came from. */
function carriedBy(fields: Claim["snapshot"]["fields"]): readonly Carried[] {
  const all: { stamp: Stamp; isOpen: boolean; fields: string[] }[] = [];
  for (const [field, { stamp, change }] of fields) {
    const of = all.find(
      (each) =>
        each.stamp.tail === stamp.tail && each.stamp.version === stamp.version && each.stamp.rank === stamp.rank,
    );
    if (of === undefined) all.push({ stamp, isOpen: change > 0, fields: [field] });
    else of.fields.push(field);
  }
  return all;
}

function sourcesOf({ snapshot: { fields, deletion } }: Claim): readonly string[] {
  const sources = new Set([...fields.values()].map(({ source }) => source));
  if (deletion !== null) sources.add(deletion.source);
  return [...sources];
}

/** A request or an answer that is too large to be kept is told by its beginning. */
function bounded(shown: unknown): unknown {
  const most = HISTORY_LIMITS.exchangeCharacters;
  if (isSmall(shown, { left: most })) return shown;
  const text = typeof shown === "string" ? shown : JSON.stringify(shown);
  return text.length <= most ? shown : { cut: text.slice(0, most) };
}

/** Whether a value is surely within the bound, without writing it as JSON. */
function isSmall(value: unknown, room: { left: number }): boolean {
  if (typeof value === "string") room.left -= value.length + 2;
  else if (typeof value !== "object" || value === null) room.left -= 24;
  else {
    for (const [name, member] of Object.entries(value)) {
      room.left -= name.length + 4;
      if (!isSmall(member, room)) return false;
    }
  }
  return room.left >= 0;
}
