import type { Redis } from "ioredis";
import { type Lane } from "../lane.ts";
import { changeLanes, type ChangedLanes } from "./change-lanes.ts";
import { escaped, keysLike } from "./keys.ts";
import { countLanes } from "./lane-count.ts";
import { createRemoval, type Removal, type RemovalProgress } from "./removal.ts";
import { isFurtherLane, laneTag, partTags } from "./tags.ts";
import { servedLanes } from "./serving.ts";

/** Every lane that was ever used in this Redis, also one that no configuration names any more. */
export type Lanes = {
  /** The names of all known lanes. */
  known(): Promise<readonly string[]>;
  /** The remains of lanes that are not among these. `isServed`: a living worker has the lane in its configuration. */
  left(names: readonly string[]): Promise<readonly Remains[]>;
  /** The lane of this name, served or not. */
  at(name: string): Lane;
  /** Looks once through all keys for lanes of releases that kept no list of them. */
  findOld(): Promise<void>;
  readonly removal: Removal;
  /** How many lanes the destination has. @throws LanesChangingError */
  count(destination: string): Promise<number>;
  /** Changes how many lanes a destination has that no worker serves, see change-lanes.ts. */
  change(destination: string, lanes: number, onProgress: (progress: RemovalProgress) => void): Promise<ChangedLanes>;
};

export type Remains = {
  readonly lane: string;
  readonly isServed: boolean;
  readonly pendingRecords: number;
  readonly pendingChanges: number;
  readonly deadLetters: number;
  /** Records whose versions are remembered: without them something older may be written. */
  readonly rememberedRecords: number;
};

/** Whether anything is lost when nobody serves the lane. */
export function holdsNothing({ pendingRecords, pendingChanges, deadLetters, rememberedRecords }: Remains): boolean {
  return pendingRecords + pendingChanges + deadLetters + rememberedRecords === 0;
}

export type LanesOptions = {
  readonly namespace: string;
  readonly tag: string;
  readonly openLane: (name: string) => Lane;
  readonly removing: { readonly dedupeWindowMs: number; readonly orderingHorizonMs: number };
};

export function createLanes(redis: Redis, { namespace, tag, openLane, removing }: LanesOptions): Lanes {
  const key = `${tag}:lanes`;
  const found = `${tag}:lanes-found`;
  const at = new Map<string, Lane>();
  /** Ledgers are counted by a walk through all keys, once for each lane that is left: nobody adds to them. */
  const counted = new Map<string, { readonly atMs: number; readonly records: number }>();

  function laneAt(name: string): Lane {
    const known = at.get(name) ?? openLane(name);
    at.set(name, known);
    return known;
  }

  const lanesOf = async (name: string): Promise<number> => await countLanes(redis, namespace, name);

  async function remembered(name: string): Promise<number> {
    const before = counted.get(name);
    if (before !== undefined && performance.now() - before.atMs < COUNTED_FOR_MS) return before.records;
    let records = 0;
    for (const each of partTags(namespace, name, await lanesOf(name))) {
      for await (const keys of keysLike(redis, `${escaped(each)}:l:*`)) records += keys.length;
    }
    counted.set(name, { atMs: performance.now(), records });
    return records;
  }

  return {
    known: async () => (await redis.hkeys(key)).toSorted(),
    at: laneAt,
    async left(names) {
      const others = (await redis.hkeys(key)).filter((name) => !names.includes(name)).toSorted();
      for (const name of counted.keys()) if (!others.includes(name)) counted.delete(name);
      if (others.length === 0) return [];
      const served = await servedLanes(redis, tag);
      const all: Remains[] = [];
      for (const name of others) {
        const { pendingRecords, open, deadRecords } = await laneAt(name).numbers();
        all.push({
          lane: name,
          isServed: served.lanes.has(name),
          pendingRecords,
          pendingChanges: [...open.values()].reduce((sum, count) => sum + count, 0),
          deadLetters: deadRecords,
          rememberedRecords: await remembered(name),
        });
      }
      return all.filter((each) => !holdsNothing(each));
    },
    async findOld() {
      if ((await redis.exists(found)) === 1) return;
      const [before, after] = laneTag(namespace, "\n").split("\n") as [string, string];
      for await (const keys of keysLike(redis, `${escaped(before)}*${escaped(after)}:counts`)) {
        for (const each of keys) {
          const name = each.slice(before.length, -`${after}:counts`.length);
          if (!isFurtherLane(name)) await redis.hsetnx(key, name, 0);
        }
      }
      await redis.set(found, 1);
    },
    count: lanesOf,
    change: async (destination, lanes, onProgress) =>
      await changeLanes(redis, { namespace, tag, destination, ...removing }, lanes, onProgress),
    removal: createRemoval(redis, {
      namespace,
      tag,
      laneAt,
      ...removing,
      onRemoved: (name) => void counted.delete(name),
    }),
  };
}

/** A lane's ledgers are counted anew after so long. */
const COUNTED_FOR_MS = 3_600_000;
