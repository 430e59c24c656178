import { arrivalOf, compareStamps, type Stamp } from "@sluice/record";
import type { Carried, Flown } from "../written/flown.ts";
import type { UnderstoodChange } from "../written/understood.ts";

/**
 * How one change of a record ended. `pending`: it has not. `ignored`: no mapping wanted the event. `unknown`: it ended unseen. An event is
 * `set_aside` where its change was written but for fields that alone were refused; the change is what the books call it.
 */
export const SHOWN_OUTCOMES = [
  "pending",
  "applied",
  "merged",
  "superseded",
  "unchanged",
  "dead",
  "set_aside",
  "discarded",
  "duplicate",
  "ignored",
  "unknown",
] as const;
export type ShownOutcome = (typeof SHOWN_OUTCOMES)[number];

/** A change's end, and the flight that brought it about; null: it ended when it was merged, or has not. */
export type End = { readonly outcome: ShownOutcome; readonly flight: Flown | null };

/**
 * How a change ended, by the flights of its record, the oldest first. Nothing is counted: stamps are unique, so that the flight that carried
 * a change is known by its stamp, and a flight that carried something newer for each of its fields tells that the change went nowhere.
 */
export function endOf(change: UnderstoodChange, understoodMs: number, flights: readonly Flown[]): End {
  const { word, stamp } = change;
  if (word === "duplicate" || word === "superseded" || word === "dead") return { outcome: word, flight: null };
  for (const flight of flights) {
    const outcome = endsChanges(flight) ? ownOutcome(flight, stamp) : null;
    if (outcome !== null) return { outcome, flight };
  }
  return overtaken(change, understoodMs, flights);
}

/** The outcome that a flight gave to a change that it carried; null: it carried nothing of the change, or the change goes on. */
function ownOutcome(flight: Flown, stamp: Stamp): ShownOutcome | null {
  const { verdict } = flight;
  // A flight that is refused for good takes along every change that waited with it, overtaken ones too.
  const own = verdict === "buried" ? heldOf(flight, stamp) : partOf(flight, stamp);
  if (own === null) return null;
  if (verdict === "buried") return "dead";
  if (verdict === "superseded") return "superseded";
  if (verdict === "unchanged") return "unchanged";
  if (verdict === "settled") return isNewest(flight, stamp) ? "applied" : "merged";
  const lives = own.filter((field) => !flight.refused.includes(field));
  return own.length > 0 && lives.length === 0 ? "dead" : null;
}

/** The flight that set fields of a change aside while others of it went on; null: none did. */
export function setAsideFlight(stamp: Stamp, flights: readonly Flown[]): Flown | null {
  const isAside = (flight: Flown): boolean => flight.verdict === "set_aside" && partlyRefused(flight, stamp);
  return flights.find(isAside) ?? null;
}

/** Whether fields of a change alone were refused, and others of it live. */
export function partlyRefused(flight: Flown, stamp: Stamp): boolean {
  const own = partOf(flight, stamp) ?? [];
  const refused = own.filter((field) => flight.refused.includes(field));
  return refused.length > 0 && refused.length < own.length;
}

/** An event's word for the end of one of its changes. */
export function withAside(end: End, aside: Flown | null): End {
  const isWritten = end.outcome === "applied" || end.outcome === "merged" || end.outcome === "unchanged";
  return isWritten && aside !== null ? { outcome: "set_aside", flight: aside } : end;
}

/** The end of a change that no flight carried to one: a flight took newer values for all of its fields along, or the change waits. */
function overtaken(
  { word, stamp, effect, fields, hidden }: UnderstoodChange,
  understoodMs: number,
  flights: readonly Flown[],
): End {
  const left = new Set([...Object.keys(fields), ...hidden]);
  // A change that was accepted was newer than all that its record held. Older flights carried something newer only where the versions were forgotten since.
  const fromMicros = word === "accepted" ? (arrivalOf(stamp)?.micros ?? 0) - CLOCK_OFF_MICROS : 0;
  for (const flight of flights) {
    const { verdict, carried } = flight;
    if (verdict === "emptied" && flight.endedMs >= understoodMs) return { outcome: "superseded", flight };
    if (!endsChanges(flight) || verdict === "set_aside" || Number(flight.token) < fromMicros) continue;
    for (const { stamp: other, fields: newer } of carried) {
      if (compareStamps(other, stamp) > 0) for (const field of newer) left.delete(field);
    }
    if (isPassed(flight, stamp) || (effect === "fields" && left.size === 0)) {
      return { outcome: verdict === "buried" ? "dead" : "superseded", flight };
    }
  }
  return { outcome: "pending", flight: null };
}

/** Arrivals and tokens both go by Redis' clock; a door's estimate of it is off by less. */
const CLOCK_OFF_MICROS = 1_000_000;

/** The fields of a change that a flight carried, none for a delete; null: the flight carried nothing of the change. */
export function partOf({ carried, deletion, effect }: Flown, stamp: Stamp): readonly string[] | null {
  if (deletion !== null && same(deletion.stamp, stamp)) return [];
  // The fields of a record that is deleted first go out with the next flight.
  if (effect === "delete") return null;
  return carried.find((each) => same(each.stamp, stamp))?.fields ?? null;
}

/** The fields of a change that a flight held, whether they were sent or waited behind its delete. */
function heldOf({ carried, deletion }: Flown, stamp: Stamp): readonly string[] | null {
  if (deletion !== null && same(deletion.stamp, stamp)) return [];
  return carried.find((each) => same(each.stamp, stamp))?.fields ?? null;
}

/** Whether a delete that is newer went out. */
function isPassed({ deletion }: Flown, stamp: Stamp): boolean {
  return deletion !== null && compareStamps(deletion.stamp, stamp) > 0;
}

/** Whether a change is the newest that a write carried: that one is applied, the others merged into it. */
function isNewest({ carried, deletion, effect }: Flown, stamp: Stamp): boolean {
  const open: readonly Pick<Carried, "stamp">[] = [
    ...(effect === "fields" ? carried.filter(({ isOpen }) => isOpen) : []),
    ...(deletion?.isOpen === true ? [deletion] : []),
  ];
  return open.every((other) => compareStamps(other.stamp, stamp) <= 0);
}

/** Whether a flight gives its changes their outcome. */
export function endsChanges({ verdict }: Flown): boolean {
  return (
    verdict === "settled" ||
    verdict === "superseded" ||
    verdict === "unchanged" ||
    verdict === "buried" ||
    verdict === "set_aside"
  );
}

/** Tokens only grow, and are whole numbers. */
export function compareTokens(a: Pick<Flown, "token">, b: Pick<Flown, "token">): number {
  return a.token.length - b.token.length || (a.token < b.token ? -1 : a.token > b.token ? 1 : 0);
}

/** The outcome that tells most of an event with several changes. */
const TELLING: readonly ShownOutcome[] = [
  "dead",
  "pending",
  "unknown",
  "set_aside",
  "applied",
  "merged",
  "discarded",
  "unchanged",
  "superseded",
  "duplicate",
  "ignored",
];

export function mostTelling(outcomes: readonly ShownOutcome[]): ShownOutcome {
  return TELLING.find((each) => outcomes.includes(each)) ?? "ignored";
}

export function same(a: Stamp, b: Stamp): boolean {
  return a.version === b.version && a.rank === b.rank && a.tail === b.tail;
}
