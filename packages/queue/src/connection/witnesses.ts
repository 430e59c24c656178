import type { Redis } from "ioredis";
import { clusterOf } from "./owner.ts";

/**
 * Keys that never exist, which each script names besides its own in a cluster. While a tag's keys move to another server, some are here
 * and others there, and a script would find a part of a lane. A server refuses a script of several keys of which one is missing then: at
 * the old place it sends on, at the new one it says to try again.
 */
const WITNESSES = [":none", ":nil"];

/** The number of keys with which a script is defined on a connection to a cluster. */
export function withWitnesses(numberOfKeys: number): number {
  return numberOfKeys + WITNESSES.length;
}

/** The keys of a script as they are sent. */
export function keysFor(redis: Redis, keys: readonly string[]): readonly string[] {
  return clusterOf(redis) === null ? keys : [...keys, ...WITNESSES.map((witness) => keys[0]! + witness)];
}
