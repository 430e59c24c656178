import type { Redis } from "ioredis";
import type { Elections } from "../fleet/election.ts";
import type { DeadLetterStore } from "./dead-letter-store.ts";
import type { DeadLetterQuota, FleetDeadLetters } from "./dead-letter-quota.ts";
import { createFiledInRedis, createLetterRenames } from "./filing/filed-in-redis.ts";
import { startFiling } from "./filing/filing.ts";
import { createLetterPlaces } from "./filing/letter-places.ts";

/** The role of the process that files letters. */
const FILER = "letters";

export type FleetLettersOptions = {
  readonly namespace: string;
  /** The intake's tag. */
  readonly tag: string;
  readonly destinations: readonly string[];
  readonly room: DeadLetterQuota;
  readonly stores: () => readonly DeadLetterStore[];
  readonly budgetBytes: () => number | null;
  readonly leadership: Elections["leadership"];
};

/** The dead letters of all lanes and of the intake. */
export function createFleetLetters(redis: Redis, options: FleetLettersOptions): FleetDeadLetters {
  const { tag, destinations, room, stores, budgetBytes } = options;
  const places = createLetterPlaces(redis, options);
  const renames = createLetterRenames(redis, tag);
  return {
    get shares() {
      return room.shares;
    },
    async repair() {
      for (const store of stores()) await store.repair();
    },
    file(filing) {
      const { isLeader } = options.leadership(FILER);
      const own = async () => await places.of(destinations);
      return startFiling({ places: own, allPlaces: places.all, renames, budgetBytes, isLeader }, filing);
    },
    filed: createFiledInRedis(redis, { allPlaces: places.all, placeOf: places.at, renames }),
  };
}
