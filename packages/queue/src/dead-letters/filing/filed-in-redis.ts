import type { Redis } from "ioredis";
import { sourcesOf } from "../dead-letter-store.ts";
import { readDeadLetter } from "../dead-letter.ts";
import { renamed, type LetterRenames } from "./filing.ts";
import { filedBySource, type LetterInHistory, type LetterPlace } from "./letter-place.ts";

/** Redis' side of the letters that stand in the history, for whoever reads both and acts on one of them. */
export type FiledInRedis = {
  /** How many letters stand in the history, by destination (`intake` among them) and source. */
  counts(): Promise<readonly { readonly destination: string; readonly source: string; readonly letters: number }[]>;
  /** `left`: rows that are good though the history may not know it yet. `back`: rows that count no more. */
  rows(): Promise<{ readonly left: readonly string[]; readonly back: readonly string[] }>;
  /** The ids of these that Redis has: a letter that is in both places counts here. */
  held(letters: readonly LetterId[]): Promise<ReadonlySet<string>>;
  /** Keeps a letter that Redis has from leaving for the history for a minute: before an act on it. @returns whether Redis has it */
  hold(letter: LetterId): Promise<boolean>;
  /**
   * Brings a letter back before something is done with it; for a minute it does not leave again. Its row is to be deleted then.
   * `there`: Redis has it. `other`: Redis has a newer one with its id. `gone`: it was brought back before, and is gone since.
   */
  bringBack(destination: string, letter: LetterInHistory): Promise<"back" | "there" | "other" | "gone">;
  /** The letter's row is deleted. */
  forgotten(destination: string, letter: Pick<LetterInHistory, "id" | "row">): Promise<void>;
  /** The destination that has this one's letters by now. */
  destinationNow(name: string): Promise<string>;
};

export type LetterId = { readonly destination: string; readonly id: string };

export function createFiledInRedis(
  redis: Redis,
  {
    allPlaces,
    placeOf,
    renames,
  }: {
    readonly allPlaces: () => Promise<readonly LetterPlace[]>;
    readonly placeOf: (destination: string, id: string) => Promise<LetterPlace>;
    readonly renames: LetterRenames;
  },
): FiledInRedis {
  const now = async (name: string): Promise<string> => renamed(await renames.read(), name);
  return {
    async counts() {
      const places = await allPlaces();
      const counts = await Promise.all(
        places.map(async (place) => ({ place, bySource: filedBySource(await place.counts()) })),
      );
      // A lane that took records over may be below nothing for what another one counts: the destination's sum is exact.
      const sums = new Map<string, Map<string, number>>();
      for (const { place, bySource } of counts) {
        const of = sums.get(place.destination) ?? new Map<string, number>();
        sums.set(place.destination, of);
        for (const [source, letters] of bySource) of.set(source, (of.get(source) ?? 0) + letters);
      }
      return [...sums].flatMap(([destination, of]) =>
        [...of].flatMap(([source, letters]) => (letters === 0 ? [] : [{ destination, source, letters }])),
      );
    },
    async rows() {
      const all = await Promise.all((await allPlaces()).map(async (place) => await place.standing()));
      return { left: all.flatMap(({ left }) => left), back: all.flatMap(({ back }) => back) };
    },
    async held(letters) {
      const named = await Promise.all(
        letters.map(async ({ destination, id }) => ({ id, tag: (await placeOf(destination, id)).tag })),
      );
      const found = new Set<string>();
      for (const [tag, some] of Map.groupBy(named, (each) => each.tag)) {
        const sources = await redis.hmget(`${tag}:letters`, ...some.map(({ id }) => id));
        for (const [at, said] of sources.entries()) if (said !== null) found.add(some[at]!.id);
      }
      return found;
    },
    hold: async ({ destination, id }) => await (await placeOf(destination, id)).hold(id),
    async bringBack(destination, letter) {
      const place = await placeOf(await now(destination), letter.id);
      return await place.bringBack(letter, sourcesOf(readDeadLetter(letter.text)));
    },
    async forgotten(destination, { id, row }) {
      await (await placeOf(await now(destination), id)).forgotten([row]);
    },
    destinationNow: now,
  };
}

/** Where renames stand until the history has them: a hash beside the intake. */
export function createLetterRenames(
  redis: Redis,
  tag: string,
): LetterRenames & { note(from: string, to: string): Promise<void> } {
  const key = `${tag}:renamed`;
  return {
    read: async () => new Map(Object.entries(await redis.hgetall(key))),
    async done(from, to) {
      // A destination that was renamed once more meanwhile stays.
      if ((await redis.hget(key, from)) === to) await redis.hdel(key, from);
    },
    async note(from, to) {
      // A name that takes letters in again stands for itself from now on.
      await redis.hset(key, from, to);
      await redis.hdel(key, to);
    },
  };
}
