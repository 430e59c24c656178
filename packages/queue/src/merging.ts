import { finerMicrosOf, type Change, type MappedEvent, type MappingFault } from "@sluice/record";
import { changeOf, deadRow, type Arriving, type MergeWord } from "./arriving.ts";
import type { Lane } from "./lane.ts";

/**
 * An event's end as a sender could be told it. `accepted`: at least one of its changes waits to be written;
 * `duplicate`: merged before; `superseded`: older than all that the record holds; `ignored`: no mapping
 * wanted it; `dead`: a mapping could not read it, the dead letter says why.
 */
export type Merged = "accepted" | "duplicate" | "superseded" | "ignored" | "dead";

/** The way of what was understood into the records' state. */
export interface Merging {
  /**
   * Merges every change of the events and answers, in the same order, each one's end. It resolves only after Redis confirmed
   * the merge; an event that was merged before with the same arrival is answered as it was then, and counted once.
   */
  merge(events: readonly MappedEvent[]): Promise<readonly Merged[]>;
}

export function createMerging(laneOf: (destination: string) => Pick<Lane, "merge">): Merging {
  const mergeChange = async (mapped: MappedEvent, change: Change, finerMicros: bigint | null): Promise<MergeWord> => {
    const lane = laneOf(change.destination);
    const word = await lane.merge(changeOf(mapped, change, finerMicros));
    return word === "clash" ? await lane.merge(clashOf(mapped, change)) : word;
  };
  const mergeFault = async (mapped: MappedEvent, fault: MappingFault): Promise<MergeWord> =>
    await laneOf(fault.destination).merge(faultOf(mapped, fault));

  const mergeEvent = async (mapped: MappedEvent): Promise<Merged> => {
    const finerMicros = finerMicrosOf(mapped.event);
    const words = await Promise.all([
      ...mapped.changes.map(async (change) => await mergeChange(mapped, change, finerMicros)),
      ...mapped.faults.map(async (fault) => await mergeFault(mapped, fault)),
    ]);
    return conclude(words);
  };
  return { merge: async (events) => await Promise.all(events.map(mergeEvent)) };
}

/** An event with several changes is told by the one that matters most to its sender. */
function conclude(words: readonly MergeWord[]): Merged {
  if (words.length === 0) return "ignored";
  if (words.includes("accepted") || words.includes("same")) return "accepted";
  if (words.includes("dead")) return "dead";
  return words.includes("superseded") ? "superseded" : "duplicate";
}

function clashOf(mapped: MappedEvent, change: Change): Arriving {
  const ordered = change.version?.kind === "integer" ? "times" : "integers";
  const message =
    `object "${change.object}" is ordered by ${ordered}, ` +
    `and this version is of the other kind: let all mappings of one object use one kind`;
  return deadRow(
    mapped,
    change.destination,
    change.object,
    `clash:${change.object}:${change.key.by}:${change.key.value}`,
    {
      key: change.key,
      reason: { code: "version_kind", message },
    },
  );
}

function faultOf(
  mapped: MappedEvent,
  { destination, object, code, place, expression, message }: MappingFault,
): Arriving {
  const reason = { code, message };
  return deadRow(mapped, destination, object, place, { key: null, reason, mapping: { place, expression } });
}
