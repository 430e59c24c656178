import { finerMicrosOf, stampOf, type Change, type MappedEvent, type MappingFault, type Stamp } from "@sluice/record";
import { changeOf, deadRow, type IncomingChange, type MergeWord } from "./incoming-change.ts";
import type { Lane } from "../lane.ts";

/**
 * An event's end as a sender could be told it. `accepted`: at least one of its changes waits to be written;
 * `duplicate`: merged before; `superseded`: older than all that the record holds; `ignored`: no mapping
 * wanted it; `dead`: a mapping could not read it, the dead letter says why.
 */
export type Merged = "accepted" | "duplicate" | "superseded" | "ignored" | "dead";

/** An event's end, and the end of each of its changes and of each row that failed, in their order. */
export type MergedEvent = {
  readonly word: Merged;
  readonly changes: readonly MergedChange[];
  readonly faults: readonly MergedWord[];
};
export type MergedChange = { readonly word: MergedWord; readonly stamp: Stamp };
/** The end of a change. `same`: this very delivery was merged before, and ended then. `dead`: there is a dead letter of it. */
export type MergedWord = Exclude<MergeWord, "clash">;

/** The way of mapped events into the records' state. */
export interface Merging {
  /**
   * Merges every change of the events and answers, in the same order, each one's end. It resolves only after Redis confirmed
   * the merge; an event that was merged before with the same arrival is answered as it was then, and counted once.
   */
  merge(events: readonly MappedEvent[]): Promise<readonly Merged[]>;
  /** Merges as `merge` does, and tells the end of each change. */
  mergeEach(events: readonly MappedEvent[]): Promise<readonly MergedEvent[]>;
}

export function createMerging(laneOf: (destination: string) => Pick<Lane, "merge">): Merging {
  const mergeChange = async (mapped: MappedEvent, change: Change, stamp: Stamp): Promise<MergedWord> => {
    const lane = laneOf(change.destination);
    const word = await lane.merge(changeOf(mapped, change, stamp));
    return word === "clash" ? unclashed(await lane.merge(clashOf(mapped, change))) : word;
  };
  const mergeFault = async (mapped: MappedEvent, fault: MappingFault): Promise<MergedWord> =>
    unclashed(await laneOf(fault.destination).merge(faultOf(mapped, fault)));

  const mergeEvent = async (mapped: MappedEvent): Promise<MergedEvent> => {
    const { rank, arrival, run } = mapped;
    const finerMicros = finerMicrosOf(mapped.event);
    const stamps = mapped.changes.map(({ version }) => stampOf(version, rank, { finerMicros, arrival, run }));
    const [words, faults] = await Promise.all([
      Promise.all(mapped.changes.map(async (change, at) => await mergeChange(mapped, change, stamps[at]!))),
      Promise.all(mapped.faults.map(async (fault) => await mergeFault(mapped, fault))),
    ]);
    const changes = words.map((word, at) => ({ word, stamp: stamps[at]! }));
    return { word: conclude([...words, ...faults]), changes, faults };
  };
  const mergeEach = async (events: readonly MappedEvent[]): Promise<readonly MergedEvent[]> =>
    await Promise.all(events.map(mergeEvent));
  return { mergeEach, merge: async (events) => (await mergeEach(events)).map(({ word }) => word) };
}

/** A dead letter has no version that could be of another kind. */
function unclashed(word: MergeWord): MergedWord {
  if (word === "clash") throw new Error("a dead letter was told to be of another kind of version");
  return word;
}

/** An event with several changes is told by the one that matters most to its sender. */
function conclude(words: readonly MergedWord[]): Merged {
  if (words.length === 0) return "ignored";
  if (words.includes("accepted") || words.includes("same")) return "accepted";
  if (words.includes("dead")) return "dead";
  return words.includes("superseded") ? "superseded" : "duplicate";
}

function clashOf(mapped: MappedEvent, change: Change): IncomingChange {
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
): IncomingChange {
  const reason = { code, message };
  return deadRow(mapped, destination, object, place, { key: null, reason, mapping: { place, expression } });
}
