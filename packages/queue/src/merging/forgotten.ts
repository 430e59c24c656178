import type { Redis } from "ioredis";
import type { MappedEvent } from "@sluice/record";
import { changeOf, forgottenArguments, type IncomingChange } from "./incoming-change.ts";
import { run } from "../connection/connection.ts";
import { MAX_SETTLED } from "../limits.ts";
import type { MergedEvent } from "./merging.ts";

/**
 * Values that a destination may show, and that Redis forgot when the state went back. An event that is understood again, after a delete that is newer
 * was merged, changes nothing any more: that delete found its record living on and cleared what Redis knew as confirmed, not what the event
 * had written before.
 */
export type Forgotten = {
  /** Clears what the destination may show of those changes that a delete superseded. */
  clear(events: readonly MappedEvent[], merged: readonly MergedEvent[]): Promise<void>;
};

/** @param placeOf the tag of the lane that a destination's record lives in, and how many there are */
export function createForgotten(
  redis: Redis,
  placeOf: (destination: string, id: string) => Promise<{ readonly tag: string; readonly lanes: number }>,
  orderingHorizonMs: number,
): Forgotten {
  async function clear(destination: string, changes: readonly IncomingChange[]): Promise<void> {
    const placed = await Promise.all(
      changes.map(async (change) => ({ change, ...(await placeOf(destination, change.id)) })),
    );
    for (const [tag, rows] of Map.groupBy(placed, (each) => each.tag)) {
      for (let at = 0; at < rows.length; at += MAX_SETTLED) {
        const some = rows.slice(at, at + MAX_SETTLED).map(({ change }) => forgottenArguments(change));
        const args = [rows[0]!.lanes, orderingHorizonMs, some.length, ...some.flat()];
        await run(redis, "sluice_forgotten", tag, args);
      }
    }
  }

  return {
    async clear(events, merged) {
      const superseded = events.flatMap((mapped, at) =>
        mapped.changes.flatMap((change, row): [string, IncomingChange][] => {
          const { word, stamp } = merged[at]!.changes[row]!;
          const isLate = word === "superseded" && change.effect.kind === "fields";
          return isLate ? [[change.destination, changeOf(mapped, change, stamp)]] : [];
        }),
      );
      for (const [destination, changes] of Map.groupBy(superseded, ([name]) => name)) {
        await clear(
          destination,
          changes.map(([, change]) => change),
        );
      }
    },
  };
}
