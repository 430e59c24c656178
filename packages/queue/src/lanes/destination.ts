import type { Redis } from "ioredis";
import { createGate, type Gate } from "../gate/gate.ts";
import { createLane, type Lane, type LaneOptions } from "../lane.ts";
import type { LaneMark } from "../state/lane-mark.ts";
import { countLanes, settleLaneCount, tagsNow } from "./lane-count.ts";
import { createSpreadClaims } from "./spread-claims.ts";
import { createSpreadLane, type LaneParts } from "./spread-lane.ts";
import { laneTag, partTag, partTags, placeOf } from "./tags.ts";

/** A destination in Redis: its gate, and its records in one lane or several. */
export type LanedDestination = {
  readonly lane: Lane;
  readonly gate: Gate;
  /** The tags of its lanes, the first its own. */
  tags(): Promise<readonly string[]>;
  /** The lane that a record lives in. */
  placeOf(id: string): Promise<{ readonly tag: string; readonly lanes: number }>;
  /** Its lanes by the names under which their marks are kept. */
  readonly marks: ReadonlyMap<string, { readonly tag: string; readonly mark: LaneMark }>;
};

export type LanedOptions = Omit<LaneOptions, "tag" | "lanes" | "onOtherLanes">;

/**
 * @param knownLanes how many it has, for a worker that has asked: nobody changes that while workers run. Null: Redis is asked each time.
 */
export function openLanes(redis: Redis, options: LanedOptions, knownLanes: () => number | null): LanedDestination {
  const { namespace, destination, stateCheck = { isDone: true }, onError = () => {} } = options;
  const home = laneTag(namespace, destination);
  const onOtherLanes = (): void => {
    // Redis may have lost what one lane knew of the number.
    const known = knownLanes();
    if (known !== null) settleLaneCount(redis, namespace, destination, known).catch(onError);
  };
  let opened: LaneParts = open(knownLanes() ?? 1);

  function open(count: number): LaneParts {
    const all = partTags(namespace, destination, count);
    const parts = all.map((tag) => createLane(redis, { ...options, tag, lanes: count, onOtherLanes }));
    const claims = createSpreadClaims({
      redis,
      tags: all,
      claimAt: async (place, order) => await parts[place]!.claim(order),
      stateCheck,
      onError,
    });
    return { parts, claims };
  }

  /** Calls of the same moment ask once. */
  let counting: Promise<number> | null = null;
  async function lanes(): Promise<LaneParts> {
    const now =
      knownLanes() ?? (await (counting ??= countLanes(redis, namespace, destination).finally(() => (counting = null))));
    return ofCount(now);
  }
  function ofCount(now: number): LaneParts {
    if (now !== opened.parts.length) opened = open(now);
    return opened;
  }
  const looked = async (): Promise<LaneParts> =>
    ofCount(knownLanes() ?? (await tagsNow(redis, namespace, destination)).length);
  const count = async (): Promise<number> => (await lanes()).parts.length;
  const tags = async (): Promise<readonly string[]> => partTags(namespace, destination, await count());

  return {
    lane:
      knownLanes() === 1
        ? opened.parts[0]!
        : createSpreadLane({
            destination,
            lanes,
            looked,
            // A Redis that is out of memory takes no note of it, and the record is given back all the same.
            blame: async (id) => await redis.hset(`${home}:gate`, "blamed", id).catch(onError),
          }),
    gate: createGate(redis, home, tags),
    tags,
    async placeOf(id) {
      const all = await count();
      return { tag: partTag(namespace, destination, placeOf(id, all)), lanes: all };
    },
    marks: new Map(
      opened.parts.map(({ mark }, place) => {
        const tag = partTag(namespace, destination, place);
        return [tag.slice(namespace.length + 2, -1), { tag, mark }];
      }),
    ),
  };
}
