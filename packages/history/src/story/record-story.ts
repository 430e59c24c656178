import type { Stamp } from "@sluice/record";
import { eventNameOf, type EventName, type FoundChange } from "../shown/event-row.ts";
import { becauseText, decidedBy, isNewer, shownStamp, type DecidedBy, type ShownStamp } from "../shown/stamp.ts";
import { flightName, type Flown } from "../written/flown.ts";
import { compareTokens, endOf, endsChanges, partOf, same, type End } from "./outcome.ts";

/** All that the history has about one record: its changes, and its flights by their tokens. */
export type RecordStory = {
  readonly changes: readonly FoundChange[];
  readonly flights: readonly Flown[];
  /** Times of which something is missing: from, until (ms). */
  readonly gaps: readonly (readonly [fromMs: number, untilMs: number])[];
  /** False: the history has more flights than could be read in time. */
  readonly isAll: boolean;
};

export function storyOf(
  changes: readonly FoundChange[],
  flights: readonly Flown[],
  { gaps = [], isAll = true }: Partial<Pick<RecordStory, "gaps" | "isAll">> = {},
): RecordStory {
  const onceEach = new Map(flights.map((each) => [flightName(each), each])).values();
  return { changes, flights: [...onceEach].toSorted(compareTokens), gaps, isAll };
}

/** How a change of the record ended. Where a flight may be missing, a change that looks overtaken or pending may have been written. */
export function endIn({ flights, gaps, isAll }: RecordStory, { change, webhook: { understoodMs } }: FoundChange): End {
  const end = endOf(change, understoodMs, flights);
  if (end.outcome === "pending" && !isAll) return { outcome: "unknown", flight: null };
  const isDerived = end.outcome === "superseded" && end.flight !== null;
  const untilMs = end.flight?.endedMs ?? 0;
  const isDoubtful = isDerived && gaps.some(([from, until]) => from <= untilMs && until >= understoodMs);
  return isDoubtful ? { outcome: "unknown", flight: null } : end;
}

/** The attempts that carried the change, the oldest first. */
export function flightsOf({ flights }: RecordStory, stamp: Stamp): readonly Flown[] {
  return flights.filter((flight) => partOf(flight, stamp) !== null);
}

export type Because = {
  readonly event: EventName;
  readonly stamp: ShownStamp;
  readonly decidedBy: DecidedBy;
  readonly text: string;
};

/** Why a change's value of a field stands no more: the newer change there. Null: no newer one is known. `was` says whether the value was newer when it came. */
export function overcame(
  story: RecordStory,
  loser: FoundChange,
  field: string,
): { readonly because: Because; readonly was: "stale" | "overtaken" } | null {
  const { stamp, versionKind } = loser.change;
  const winners = story.changes
    .filter(({ change }) => isNewer(change.stamp, stamp) && speaksOf(change, field))
    .toSorted((a, b) => (isNewer(a.change.stamp, b.change.stamp) ? -1 : 1));
  const before = winners.filter(({ webhook }) => webhook.understoodMs <= loser.webhook.understoodMs);
  const isStale = loser.change.word === "superseded" || before.length > 0;
  const winner = (isStale ? before[0] : undefined) ?? winners[0];
  if (winner === undefined) return null;
  const by = decidedBy(stamp, winner.change.stamp, winner.change.effect === "delete");
  const [lost, won] = [shownStamp(stamp, versionKind), shownStamp(winner.change.stamp, winner.change.versionKind)];
  const event = eventNameOf(winner);
  const text = becauseText(lost, won, by, { event: event.id, source: event.source });
  return { because: { event, stamp: won, decidedBy: by, text }, was: isStale ? "stale" : "overtaken" };
}

function speaksOf({ effect, fields, hidden }: FoundChange["change"], field: string): boolean {
  return effect === "delete" || field in fields || hidden.includes(field);
}

/** When the destination confirmed a field with this stamp; null: the history does not have it. */
export function confirmedAt({ flights }: RecordStory, field: string, stamp: Stamp): string | null {
  const flight = flights.find((each) => {
    if (each.verdict !== "settled" && each.verdict !== "unchanged") return false;
    const isDelete = each.deletion !== null && same(each.deletion.stamp, stamp);
    return isDelete || (each.effect === "fields" && (carriedWith(each, stamp)?.includes(field) ?? false));
  });
  return flight === undefined ? null : new Date(flight.endedMs).toISOString();
}

function carriedWith({ carried }: Flown, stamp: Stamp): readonly string[] | undefined {
  return carried.find((each) => same(each.stamp, stamp))?.fields;
}

/** The fate of one field of a change. */
export type Became = "written" | "overtaken" | "stale" | "refused" | "pending" | "unchanged" | "discarded" | "unknown";

export function becameOf(
  story: RecordStory,
  found: FoundChange,
  field: string,
  end: End,
): { readonly became: Became; readonly because: Because | null } {
  const { stamp, word } = found.change;
  const ended = story.flights.filter((each) => endsChanges(each) && each.effect === "fields");
  const own = ended.filter((each) => carriedWith(each, stamp)?.includes(field) === true);
  const last = own.at(-1);
  if (last !== undefined) {
    if (last.verdict === "settled") return { became: "written", because: null };
    if (last.verdict === "unchanged") return { became: "unchanged", because: null };
    if (last.verdict === "buried" || last.refused.includes(field)) return { became: "refused", because: null };
  }
  if (word === "duplicate" || word === "dead") return { became: "unknown", because: null };
  const lost = overcame(story, found, field);
  if (lost !== null) return { became: lost.was, because: lost.because };
  if (end.outcome === "pending") return { became: "pending", because: null };
  return { became: word === "superseded" ? "stale" : "unknown", because: null };
}
