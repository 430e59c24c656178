import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { run } from "../connection/connection.ts";
import { FLIGHT_LOOK_MS, FOUND_PAGE, MAX_LANES, MOVED_AT_ONCE, OLD_DEDUPE_WINDOW_MS } from "../limits.ts";
import { readLaneCount, writeLaneCount } from "./lane-count.ts";
import { clearLane, escaped, keysLike } from "./keys.ts";
import { assertLettersRest, LaneKindsError, type RemovalProgress } from "./removal.ts";
import { servedLanes } from "./serving.ts";
import { markAlone, markSpread } from "../state/state-format.ts";
import { laneTag, partTags, placeOf } from "./tags.ts";

/** Living workers serve the destination: they would go on by the number that they know. */
export class LanesServedError extends Error {
  readonly code = "lanes_served";
  readonly hint = "stop every worker, try again, and start them; doors go on. A worker that died is one for 10 s more";

  constructor(destination: string) {
    super(`Living workers serve "${destination}"`);
    this.name = "LanesServedError";
  }
}

export class LanesNumberError extends Error {
  readonly code = "lanes_number";
  readonly hint = `take 1, 2, 4, 8 … ${MAX_LANES}`;

  constructor(lanes: number) {
    super(`A destination can't have ${lanes} lanes`);
    this.name = "LanesNumberError";
  }
}

export type ChangedLanes = { readonly from: number; readonly records: number };

export type ChangeLanesOptions = {
  readonly namespace: string;
  /** The intake's tag. */
  readonly tag: string;
  readonly destination: string;
  readonly dedupeWindowMs: number;
};

/**
 * Changes the number of lanes of a destination that no worker serves. It may be broken off anywhere and begun again, also with another
 * number: each step can be done twice. While it goes on no lane takes a change in; webhooks wait in the intake.
 *
 * 1. Every lane of the old and of the new number is told of the change, and refuses merges from then on; the first one first.
 * 2. Kinds of versions, where they agree, and the deliveries that were merged go to each lane that takes records over. More than those of its records do no harm.
 * 3. A record is copied whole into its new lane, in place of an older copy, and then taken away from where it was, if it is as it was
 *    copied. Until then the copy that it leaves counts.
 * 4. The books stay where they are, since they are summed; those of lanes that go are added to the first one's, each once.
 * 5. Lanes that go are deleted, the others are told the number, the first one last.
 *
 * @throws LanesServedError, LanesNumberError, LaneKindsError, LettersUnderwayError
 */
export async function changeLanes(
  redis: Redis,
  { namespace, tag, destination, dedupeWindowMs }: ChangeLanesOptions,
  wanted: number,
  onProgress: (progress: RemovalProgress) => void,
): Promise<ChangedLanes> {
  if (!Number.isInteger(Math.log2(wanted)) || wanted < 1 || wanted > MAX_LANES) throw new LanesNumberError(wanted);
  const home = laneTag(namespace, destination);
  const count = (await readLaneCount(redis, home)) ?? { lanes: 1 };
  const before = "lanes" in count ? [count.lanes] : count.numbers;
  const [from = 1] = before;
  if (before.length === 1 && from === wanted) return { from, records: 0 };
  const numbers = before.length > 1 && before.at(-1) === wanted ? before : [...before, wanted];
  const tags = partTags(namespace, destination, Math.max(...numbers));

  await assertUnserved();
  await assertLettersRest(redis, destination, tags);
  const kinds = await readKinds();
  await writeLaneCount(redis, home, numbers);
  // A worker that starts now says that it serves the destination before it looks at the number.
  await assertUnserved().catch(async (error: unknown) => {
    await writeLaneCount(redis, home, before);
    throw error;
  });
  await markSpread(redis, home);
  for (const each of tags.slice(1)) await writeLaneCount(redis, each, numbers);

  if (kinds.size > 0) {
    for (const each of tags.slice(0, wanted)) await redis.hset(`${each}:kinds`, Object.fromEntries(kinds));
  }
  for (const [place, each] of tags.entries()) await copySeen(each, heirsOf(place));
  const records = await moveRecords();
  for (const [place, each] of tags.entries()) {
    if (place < wanted) continue;
    const books = Object.entries(await redis.hgetall(`${each}:counts`)).flat();
    if (books.length > 0) await run(redis, "sluice_add_books", home, [place, ...books]);
  }
  // Also those that were added by a try for another number.
  for (const place of await redis.hkeys(`${home}:added`)) {
    await redis.unlink(`${tags[Number(place)]}:counts`);
    await redis.hdel(`${home}:added`, place);
  }
  for (const each of tags.slice(wanted)) await clearLane(redis, each);
  for (const each of tags.slice(1, wanted)) await writeLaneCount(redis, each, [wanted]);
  await writeLaneCount(redis, home, [wanted]);
  if (wanted === 1) await markAlone(redis, home);
  return { from, records };

  async function assertUnserved(): Promise<void> {
    const { lanes, unsaid } = await servedLanes(redis, tag);
    if (lanes.has(destination) || unsaid > 0) throw new LanesServedError(destination);
  }

  /** The tags of the other lanes that take records of this one over, whichever of the numbers they came by. */
  function heirsOf(place: number): readonly string[] {
    return tags.slice(0, wanted).filter((_, heir) => {
      const overlaps = (lanes: number): boolean =>
        place < lanes && place * wanted < (heir + 1) * lanes && heir * lanes < (place + 1) * wanted;
      return heir !== place && numbers.slice(0, -1).some(overlaps);
    });
  }

  /** Kinds that differ are told before anything is changed. */
  async function readKinds(): Promise<ReadonlyMap<string, string>> {
    const known = new Map<string, string>();
    for (const each of tags) {
      for (const [object, kind] of Object.entries(await redis.hgetall(`${each}:kinds`))) {
        if ((known.get(object) ?? kind) !== kind) throw new LaneKindsError(object, destination, destination);
        known.set(object, kind);
      }
    }
    return known;
  }

  async function copySeen(lane: string, heirs: readonly string[]): Promise<void> {
    if (heirs.length === 0) return;
    for (const [name, buckets] of Object.entries(await redis.hgetall(`${lane}:e`))) {
      if (!/^n\d+$/.test(name)) continue;
      for (let bucket = 0; bucket < Number(buckets); bucket += 1) {
        const key = `${lane}:e:${name.slice(1)}:${bucket}`;
        let cursor = "0";
        do {
          const [next, entries] = await redis.hscanBuffer(key, cursor, "COUNT", FOUND_PAGE);
          cursor = next.toString();
          const args = [dedupeWindowMs, Math.ceil(OLD_DEDUPE_WINDOW_MS / 4), "", ...entries];
          if (entries.length > 0) for (const heir of heirs) await run(redis, "sluice_remember", heir, args);
        } while (cursor !== "0");
      }
    }
    for await (const keys of keysLike(redis, `${escaped(lane)}:seen:*`)) {
      for (const key of keys) {
        const [ids, ttl] = await Promise.all([redis.smembersBuffer(key), redis.pttl(key)]);
        for (const heir of heirs) {
          const here = `${heir}${key.slice(lane.length)}`;
          for (let at = 0; at < ids.length; at += FOUND_PAGE) await redis.sadd(here, ...ids.slice(at, at + FOUND_PAGE));
          if (ttl >= 0) await redis.pexpire(here, Math.max(ttl, 1));
        }
      }
    }
  }

  /** The ids in lanes where they don't belong any more, with the lane; one may come twice. */
  async function* strayed(): AsyncIterable<readonly (readonly [lane: string, id: string])[]> {
    const isStray = (lane: string, id: string): boolean => tags.includes(lane) && tags[placeOf(id, wanted)] !== lane;
    // The names of other destinations may begin like this one's.
    for await (const keys of keysLike(redis, `${escaped(home.slice(0, -1))}*:[lpv]:*`)) {
      const named = keys.map((key) => {
        const end = key.indexOf("}") + 1;
        return [key.slice(0, end), key.slice(end + 3)] as const;
      });
      yield named.filter(([lane, id]) => isStray(lane, id));
    }
    for (const lane of tags) {
      let cursor = "0";
      do {
        const [next, flat] = await redis.hscan(`${lane}:dead`, cursor, "COUNT", MOVED_AT_ONCE);
        cursor = next;
        yield flat.filter((id, at) => at % 2 === 0 && isStray(lane, id)).map((id) => [lane, id] as const);
      } while (cursor !== "0");
    }
  }

  async function moveRecords(): Promise<number> {
    let moved = 0;
    for (;;) {
      let left = 0;
      let waitMs = 0;
      for await (const page of strayed()) {
        for (const [lane, all] of Map.groupBy(page, ([each]) => each)) {
          const ids = [...new Set(all.map(([, id]) => id))];
          for (let at = 0; at < ids.length; at += MOVED_AT_ONCE) {
            const done = await moveSome(lane, ids.slice(at, at + MOVED_AT_ONCE));
            moved += done.moved;
            left += done.left;
            waitMs = Math.max(waitMs, done.waitMs);
            onProgress({ records: moved, flying: left, waitMs });
          }
        }
      }
      if (left === 0) return moved;
      await wait(Math.min(waitMs + 1, FLIGHT_LOOK_MS));
    }
  }

  async function moveSome(
    lane: string,
    ids: readonly string[],
  ): Promise<{ readonly moved: number; readonly left: number; readonly waitMs: number }> {
    const rows = ids.flatMap((id) => [id, ""]);
    const shown = (await run(redis, "sluice_hand_overBuffer", lane, [ids.length, ...rows])) as readonly Shown[];
    let waitMs = 0;
    let left = 0;
    const copied: string[] = [];
    for (const [at, each] of shown.entries()) {
      const id = ids[at]!;
      if (typeof each === "number") {
        left += 1;
        waitMs = Math.max(waitMs, each);
      } else if (!Buffer.isBuffer(each)) {
        const [mark, whole] = each;
        const args = whole.flatMap((part) => (Array.isArray(part) ? [part.length, ...part] : [part]));
        await run(redis, "sluice_take_in", tags[placeOf(id, wanted)]!, [id, ...args]);
        copied.push(id, mark.toString());
      }
    }
    if (copied.length === 0) return { moved: 0, left, waitMs };
    const words = (await run(redis, "sluice_hand_over", lane, [copied.length / 2, ...copied])) as readonly unknown[];
    const moved = words.filter((word) => word === "gone").length;
    return { moved, left: left + words.length - moved, waitMs };
  }
}

/** An answer of hand_over.lua: `none`, how long a request may be under way (ms), or the record's mark and all of it. */
type Shown = Buffer | number | [mark: Buffer, whole: (Buffer | number | Buffer[])[]];
