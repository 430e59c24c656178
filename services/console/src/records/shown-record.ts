import { shownVersion, type WaitsFor } from "@sluice/operator";
import type { PendingRecord, LiveRecord } from "@sluice/queue";
import { arrivalOf, arrivedAtMs, shownField, type Stamp } from "@sluice/record";
import type { Configuration } from "@sluice/runtime";
import type { RecordRowJson, ShownRecord, ShownStampJson } from "../contract/record.ts";
import { indexed, rowOf } from "../dead-letters/dead-letter-row.ts";
import { timeOf } from "../live-state.ts";

/** A record as the API tells of it. */
export function shownRecord(
  destination: string,
  view: LiveRecord,
  waits: readonly WaitsFor[],
  configuration: Configuration,
): ShownRecord {
  const stampOf = (stamp: Stamp): ShownStampJson => shownLiveStamp(stamp, configuration);
  const names = new Set([...view.confirmed.keys(), ...view.pending.keys(), ...view.aside.keys()]);
  const valueOf = (of: LiveRecord["pending"], field: string): ShownRecord["fields"][number]["pending"] => {
    const found = of.get(field);
    return found === undefined ? null : { ...stampOf(found.stamp), source: found.source, value: found.value };
  };
  const deleted = view.deletion?.stamp ?? view.deleted;
  return {
    ...rowOfRecord(destination, view),
    now: timeOf(view.nowMs),
    waitsFor: waits.map(({ code, text, untilMs }) => ({ code, text, untilAt: timeOf(untilMs) })),
    fields: [...names].toSorted().map((field) => {
      const confirmed = view.confirmed.get(field);
      return {
        field: shownField(field),
        confirmed: confirmed === undefined ? null : stampOf(confirmed),
        pending: valueOf(view.pending, field),
        aside: valueOf(view.aside, field),
      };
    }),
    deleted: deleted === null ? null : { ...stampOf(deleted), isConfirmed: view.deletion === null },
    open: Object.fromEntries(view.open),
    events: [...view.events],
    failingSinceAt: timeOf(view.failingSinceMs),
    flight: view.flight === null ? null : { token: view.flight.token, job: view.flight.job?.job ?? null },
    isPosted: view.isPosted,
    letter: view.letter === null ? null : rowOf(indexed(view.letter)),
    isDoubtful: view.isDoubtful,
  };
}

export function rowOfRecord(destination: string, record: PendingRecord | LiveRecord): RecordRowJson {
  const { object, key, state, sinceMs, dueMs, attempts, lastFailure } = record;
  return {
    destination,
    object,
    by: key.by,
    key: key.value,
    state,
    sinceAt: timeOf(sinceMs),
    dueAt: timeOf(dueMs),
    attempts,
    lastFailure,
  };
}

export function shownLiveStamp(stamp: Stamp, { sources }: Configuration): ShownStampJson {
  const arrival = arrivalOf(stamp);
  return {
    version: shownVersion(stamp),
    rank: stamp.rank,
    source: [...sources.values()].find(({ rank }) => rank === stamp.rank)?.name ?? null,
    arrivedAt: timeOf(arrival === null ? null : arrivedAtMs(arrival)),
  };
}
