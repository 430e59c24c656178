import { shownVersion, type Trial, type TriedChange, type TriedEvent } from "@sluice/operator";
import type { LiveRecord } from "@sluice/queue";
import {
  compareStamps,
  finerMicrosOf,
  shownField,
  stampOf,
  type Change,
  type Explained,
  type MappedEvent,
  type Stamp,
} from "@sluice/record";
import type { Configuration } from "@sluice/runtime";
import type { ShownTrial } from "../contract/trial.ts";
import { shownLiveStamp } from "../records/shown-record.ts";

type ShownEvent = ShownTrial["events"][number];
type ShownChange = ShownEvent["changes"][number];

/** The known state of a change's record; null: nothing is known. */
export type KnownRecord = (change: Change) => LiveRecord | null;

/** The events of a trial, as the API tells of them. */
export function shownEvents(events: Trial["events"], known: KnownRecord, configuration: Configuration): ShownEvent[] {
  return events.map(({ event, rows, mapped, changes }: TriedEvent) => {
    const { id, type, time, thin, ...sees } = event;
    return {
      id,
      type,
      time: time === null || Number.isNaN(Date.parse(time)) ? null : new Date(time).toISOString(),
      isThin: thin === true,
      sees,
      rows: rows.map(({ place, isWanted, explained }) => ({ place, isWanted, steps: explained.map(stepOf) })),
      faults: mapped.faults.map(({ place, expression, code, message }) => ({ place, expression, code, message })),
      changes: changes.map((each) => shownChange(each, mapped, known(each.change), configuration)),
    };
  });
}

function stepOf(step: Explained): ShownEvent["rows"][number]["steps"][number] {
  const { member, text: expression } = step;
  if ("fault" in step) return { member, expression, yields: "fault", value: null, fault: step.fault };
  const { value } = step;
  return { member, expression, yields: value === undefined ? "nothing" : "value", value: value ?? null, fault: null };
}

function shownChange(
  { change, request }: TriedChange,
  mapped: MappedEvent,
  known: LiveRecord | null,
  configuration: Configuration,
): ShownChange {
  const { destination, object, key, effect, version } = change;
  const stamp = stampOf(version, mapped.rank, {
    finerMicros: finerMicrosOf(mapped.event),
    arrival: mapped.arrival,
    run: mapped.run,
  });
  return {
    record: { destination, object, by: key.by, key: key.value },
    effect: effect.kind,
    version: version === null ? null : shownVersion(stamp),
    fields: [...(effect.kind === "fields" ? effect.fields : [])].map(([field, value]) => {
      const newest = newestOf(known, field);
      const isStale = newest !== null && compareStamps(stamp, newest) < 0;
      return {
        field: shownField(field),
        value,
        would: isStale ? "stale" : "set",
        against: newest === null ? null : shownLiveStamp(newest, configuration),
      };
    }),
    request,
  };
}

/** The newest stamp that the record has had for a field, confirmed or not. */
function newestOf(known: LiveRecord | null, field: string): Stamp | null {
  if (known === null) return null;
  const { confirmed, pending, aside, deleted, deletion } = known;
  const stamps = [confirmed.get(field), pending.get(field)?.stamp, aside.get(field)?.stamp, deleted, deletion?.stamp];
  return (
    stamps
      .filter((stamp): stamp is Stamp => stamp !== undefined && stamp !== null)
      .toSorted(compareStamps)
      .at(-1) ?? null
  );
}
