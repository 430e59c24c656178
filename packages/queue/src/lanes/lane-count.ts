import type { Redis } from "ioredis";
import type { QueueOptions } from "../queue-options.ts";
import { markSpread } from "../state/state-format.ts";
import { partTag, partTags } from "./tags.ts";

/**
 * How many lanes a destination has. The number that counts stands in each of its lanes, in the hash of seen.lua: absent for one, `4`, and
 * `1>4` while it is changed. A script that opens a change of a record is refused by a lane of another number, so that no record is ever
 * opened in two.
 */
export type LaneCount = { readonly lanes: number } | { readonly numbers: readonly number[] };

/** The member of `:e` that says it. */
const MEMBER = "lanes";

/** The lanes of a destination are being changed, or their change was broken off. */
export class LanesChangingError extends Error {
  readonly code = "lanes_changing";
  readonly hint: string;

  constructor(destination: string, numbers: readonly number[]) {
    super(`The number of lanes of "${destination}" is being changed: ${numbers.join(" > ")}`);
    this.name = "LanesChangingError";
    this.hint = `wait until it is done; where it was broken off, \`sluice lanes ${destination} ${numbers.at(-1)}\` goes on`;
  }
}

/** A process merges into another number of lanes than the destination has: it was frozen or cut off while that was changed. */
export class LanesDifferError extends Error {
  readonly code = "lanes_differ";
  readonly hint = "restart this process: it reads the number when it starts";

  constructor(destination: string, known: number, found: string) {
    super(`"${destination}" has ${found} lanes, and this process takes it to have ${known}: nothing was merged`);
    this.name = "LanesDifferError";
  }

  /** Reads the error of a script that was refused so; null: it is another one. */
  static read(error: unknown, of: { readonly destination: string; readonly lanes: number }): LanesDifferError | null {
    const found = error instanceof Error ? /^(?:ERR )?LANES ?(.*)$/.exec(error.message) : null;
    return found === null ? null : new LanesDifferError(of.destination, of.lanes, found[1] || "another number of");
  }
}

export async function readLaneCount(redis: Redis, tag: string): Promise<LaneCount | null> {
  const said = await redis.hget(`${tag}:e`, MEMBER);
  if (said === null) return null;
  const numbers = said.split(">").map(Number);
  return numbers.length === 1 ? { lanes: numbers[0]! } : { numbers };
}

/** Writes into a lane how many there are, or of a change the numbers from the first to the last one wanted. */
export async function writeLaneCount(redis: Redis, tag: string, numbers: readonly number[]): Promise<void> {
  if (numbers.length === 1 && numbers[0] === 1) await redis.hdel(`${tag}:e`, MEMBER);
  else await redis.hset(`${tag}:e`, MEMBER, numbers.join(">"));
}

/** How many lanes the destination has now. @throws LanesChangingError */
export async function countLanes(redis: Redis, namespace: string, destination: string): Promise<number> {
  const count = await readLaneCount(redis, partTag(namespace, destination, 0));
  if (count === null) return 1;
  if ("numbers" in count) throw new LanesChangingError(destination, count.numbers);
  return count.lanes;
}

/** The tags of all lanes of the destination, also while their number is changed. */
export async function tagsNow(redis: Redis, namespace: string, destination: string): Promise<readonly string[]> {
  const count = (await readLaneCount(redis, partTag(namespace, destination, 0))) ?? { lanes: 1 };
  return partTags(namespace, destination, "lanes" in count ? count.lanes : Math.max(...count.numbers));
}

/** How many lanes each destination has, for a worker that starts. @throws LanesChangingError */
export async function settleLaneCounts(
  redis: Redis,
  { namespace = "sluice", destinations, lanes, onLanes }: QueueOptions,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const destination of destinations) {
    const wanted = lanes?.get(destination) ?? 1;
    const found = await settleLaneCount(redis, namespace, destination, wanted);
    counts.set(destination, found);
    if (found !== wanted) onLanes?.(destination, found, wanted);
  }
  return counts;
}

/**
 * The number of lanes of a destination, for a worker that starts: the one that Redis knows, and the wanted one where the destination holds
 * nothing yet. A worker says that it serves the destination before it asks; who changes the number writes that down before it looks who does.
 * @throws LanesChangingError
 */
export async function settleLaneCount(
  redis: Redis,
  namespace: string,
  destination: string,
  wanted: number,
): Promise<number> {
  const home = partTag(namespace, destination, 0);
  if ((await readLaneCount(redis, home)) === null) {
    // The first lane may have been lost alone, with its server: the others know.
    const other = await readLaneCount(redis, partTag(namespace, destination, 1));
    const holds = (await redis.exists(`${home}:counts`, `${home}:e`)) > 0;
    const lanes = other !== null && "lanes" in other ? other.lanes : holds ? 1 : wanted;
    if (lanes > 1) await redis.hsetnx(`${home}:e`, MEMBER, lanes);
  }
  const lanes = await countLanes(redis, namespace, destination);
  if (lanes === 1) return 1;
  await markSpread(redis, home);
  for (const tag of partTags(namespace, destination, lanes).slice(1)) await redis.hsetnx(`${tag}:e`, MEMBER, lanes);
  return lanes;
}
