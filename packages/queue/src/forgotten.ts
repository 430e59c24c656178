import type { MappedEvent } from "@sluice/record";
import { changeOf, type Arriving } from "./arriving.ts";
import type { Lane } from "./lane.ts";
import type { MergedEvent } from "./merging.ts";

/**
 * What a destination may show, and Redis forgot when the state went back. An event that is understood again, after a delete that is newer
 * was merged, changes nothing any more: that delete found its record living on and cleared what Redis knew as confirmed, not what the event
 * had written before.
 */
export type Forgotten = {
  /** Clears what the destination may show of those changes that a delete superseded. */
  clear(events: readonly MappedEvent[], merged: readonly MergedEvent[]): Promise<void>;
};

export function createForgotten(laneOf: (destination: string) => Pick<Lane, "clearForgotten">): Forgotten {
  return {
    async clear(events, merged) {
      const superseded = events.flatMap((mapped, at) =>
        mapped.changes.flatMap((change, row): [string, Arriving][] => {
          const { word, stamp } = merged[at]!.changes[row]!;
          const isLate = word === "superseded" && change.effect.kind === "fields";
          return isLate ? [[change.destination, changeOf(mapped, change, stamp)]] : [];
        }),
      );
      for (const [destination, changes] of Map.groupBy(superseded, ([name]) => name)) {
        await laneOf(destination).clearForgotten(changes.map(([, change]) => change));
      }
    },
  };
}
