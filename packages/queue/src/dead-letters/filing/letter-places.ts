import type { Redis } from "ioredis";
import { tagsNow } from "../../lanes/lane-count.ts";
import { placeOf } from "../../lanes/tags.ts";
import { INTAKE } from "../cause.ts";
import { createLetterPlace, type LetterPlace } from "./letter-place.ts";

/** The lanes and the intake, as places that letters leave and come back to. */
export type LetterPlaces = {
  /** The lanes of these destinations, and the intake. */
  of(destinations: readonly string[]): Promise<readonly LetterPlace[]>;
  /** Every lane that was ever used, and the intake. */
  all(): Promise<readonly LetterPlace[]>;
  /** The place in which a destination's letter stands, or would. */
  at(destination: string, id: string): Promise<LetterPlace>;
};

export function createLetterPlaces(
  redis: Redis,
  {
    namespace,
    tag,
    destinations,
  }: { readonly namespace: string; readonly tag: string; readonly destinations: readonly string[] },
): LetterPlaces {
  const intake = createLetterPlace(redis, tag, INTAKE, "books");
  const known = new Map<string, LetterPlace>();
  function lane(laneTag: string, destination: string): LetterPlace {
    const place = known.get(laneTag) ?? createLetterPlace(redis, laneTag, destination, "counts");
    known.set(laneTag, place);
    return place;
  }
  const lanesOf = async (destination: string): Promise<readonly LetterPlace[]> =>
    (await tagsNow(redis, namespace, destination)).map((each) => lane(each, destination));
  const of: LetterPlaces["of"] = async (names) => [intake, ...(await Promise.all(names.map(lanesOf))).flat()];
  return {
    of,
    all: async () => await of([...new Set([...destinations, ...(await redis.hkeys(`${tag}:lanes`))])]),
    async at(destination, id) {
      if (destination === INTAKE) return intake;
      const lanes = await lanesOf(destination);
      return lanes[placeOf(id, lanes.length)]!;
    },
  };
}
