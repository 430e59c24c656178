import type { Redis } from "ioredis";
import { createRefused, type RefusedRequests } from "./refused.ts";
import { createUsedSecrets, type UsedSecrets } from "./used-secrets.ts";

/** Facts about requests that doors alone know, told to the fleet as numbers and times. */
export type ToldByDoors = { readonly refused: RefusedRequests; readonly usedSecrets: UsedSecrets };

export function createToldByDoors(redis: Redis, tag: string): ToldByDoors {
  return { refused: createRefused(redis, tag), usedSecrets: createUsedSecrets(redis, tag) };
}
