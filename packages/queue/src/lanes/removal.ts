import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { run } from "../connection/connection.ts";
import { createLetterRenames } from "../dead-letters/filing/filed-in-redis.ts";
import { createLetterPlace } from "../dead-letters/filing/letter-place.ts";
import { isOfEvent } from "../dead-letters/dead-letters.ts";
import { type Lane } from "../lane.ts";
import { laneTag } from "./tags.ts";
import { FLIGHT_LOOK_MS, MOVED_AT_ONCE, OLD_DEDUPE_WINDOW_MS } from "../limits.ts";
import { shareSlot } from "../connection/owner.ts";
import { markLane } from "../state/state-format.ts";
import { clearLane, escaped, keysLike } from "./keys.ts";
import { countLanes } from "./lane-count.ts";
import { servedLanes } from "./serving.ts";

/** Brings a lane that no configuration names any more to its end. Both ways may be broken off and begun again. */
export type Removal = {
  /**
   * Moves everything of the lane into the other one by the merge rule, record by record, and then its books.
   * @throws LaneApartError, LaneServedError, LaneSpreadError, LaneKindsError, LettersUnderwayError
   */
  move(from: string, to: string, onProgress: (progress: RemovalProgress) => void): Promise<Moved>;
  /** Ends the lane's open changes as discarded, and forgets its records. Its books stay. @throws LaneServedError, LaneSpreadError, LaneFiledError */
  discard(name: string, onProgress: (progress: RemovalProgress) => void): Promise<{ readonly records: number }>;
};

/** `flying`: records that stay until a request which may be under way has ended, for so long at most. */
export type RemovalProgress = { readonly records: number; readonly flying: number; readonly waitMs: number };
/** `doubtful`: records that may hold something older at the destination, which the other lane wrote before it knew better. */
export type Moved = { readonly records: number; readonly doubtful: number };

/** A living worker has the lane in its configuration, and goes on to fill it. */
export class LaneServedError extends Error {
  readonly code = "lane_served";
  readonly hint: string;

  constructor(lane: string, unsaid: number) {
    const others = unsaid === 0 ? "" : `, or may serve it: ${unsaid} of an older release`;
    super(`Living workers serve "${lane}"${others}`);
    this.name = "LaneServedError";
    this.hint =
      "restart every worker with the file that does not name it, and try again; within 10 s of a worker's death too";
  }
}

/** One lane's versions are times, the other's whole numbers: they don't compare. */
export class LaneKindsError extends Error {
  readonly code = "lane_kinds";
  readonly hint: string;

  constructor(object: string, from: string, to: string) {
    super(`The versions of "${object}" are of one kind in "${from}" and of the other in "${to}"`);
    this.name = "LaneKindsError";
    this.hint = `\`sluice record reorder ${object} --destination ${to}\` where "${to}" learned the wrong kind`;
  }
}

/** The two lanes live on two servers of a cluster, and no script works on both. */
export class LaneApartError extends Error {
  readonly code = "lane_apart";
  readonly hint: string;

  constructor(from: string, to: string) {
    super(`"${from}" and "${to}" may be on different servers of the cluster, and records move only within one`);
    this.name = "LaneApartError";
    this.hint = `give "${to}" its old name back in the file until nothing of it is pending, or discard what is left: \`sluice discard ${from}\``;
  }
}

/** Letters of the lane are on their way into the history, or back from it: they are bound to the lane until they have arrived. */
export class LettersUnderwayError extends Error {
  readonly code = "letters_underway";
  readonly hint = "a worker that keeps the history ends that within a minute: try again, with one running";

  constructor(destination: string) {
    super(`Dead letters of "${destination}" are on their way into the history, or back from it`);
    this.name = "LettersUnderwayError";
  }
}

/** Dead letters of the lane stand in the history, where this command does not reach them. */
export class LaneFiledError extends Error {
  readonly code = "lane_filed";
  readonly hint: string;

  constructor(lane: string, letters: number) {
    super(`${letters} dead letters of "${lane}" stand in the history`);
    this.name = "LaneFiledError";
    this.hint = `\`sluice dead discard --destination ${lane}\` first, while a console with the history runs`;
  }
}

/** @throws LettersUnderwayError */
export async function assertLettersRest(redis: Redis, destination: string, tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    const { left, back } = await createLetterPlace(redis, tag, destination, "counts").standing();
    if (left.length + back.length > 0) throw new LettersUnderwayError(destination);
  }
}

/** A destination's records move, or are dropped, from one lane. */
export class LaneSpreadError extends Error {
  readonly code = "lane_spread";
  readonly hint: string;

  constructor(destination: string, lanes: number) {
    super(`"${destination}" has ${lanes} lanes`);
    this.name = "LaneSpreadError";
    this.hint = `\`sluice lanes ${destination} 1\` first, with all workers stopped`;
  }
}

type RemovalOptions = {
  readonly namespace: string;
  readonly tag: string;
  readonly laneAt: (name: string) => Lane;
  readonly dedupeWindowMs: number;
  readonly orderingHorizonMs: number;
  readonly onRemoved: (name: string) => void;
};

export function createRemoval(redis: Redis, options: RemovalOptions): Removal {
  const { namespace, tag, dedupeWindowMs, orderingHorizonMs, onRemoved } = options;
  const oldSliceMs = Math.ceil(OLD_DEDUPE_WINDOW_MS / 4);

  async function assertUnserved(name: string): Promise<void> {
    const { lanes, unsaid } = await servedLanes(redis, tag);
    if (lanes.has(name) || unsaid > 0) throw new LaneServedError(name, unsaid);
  }

  async function assertOneLane(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const lanes = await countLanes(redis, namespace, name);
      if (lanes > 1) throw new LaneSpreadError(name, lanes);
    }
  }

  /** The ids of all records of the lane in pages, the pending ones first; also those of quiet records that are remembered, and of events' letters. */
  async function* idsOf(lane: string): AsyncIterable<readonly string[]> {
    for (let past = 0; ;) {
      const due = await redis.zrange(`${lane}:due`, String(past), String(past + MOVED_AT_ONCE - 1));
      if (due.length === 0) break;
      yield due;
      // Records that were done meanwhile are gone; records that may be under way stay.
      const scores = await redis.zmscore(`${lane}:due`, ...due);
      past += scores.filter((score) => score !== null).length;
    }
    let cursor = "0";
    do {
      const [next, flat] = await redis.hscan(`${lane}:dead`, cursor, "COUNT", MOVED_AT_ONCE);
      cursor = next;
      yield flat.filter((_, at) => at % 2 === 0);
    } while (cursor !== "0");
    for await (const keys of keysLike(redis, `${escaped(lane)}:[lp]:*`)) {
      yield keys.map((key) => key.slice(lane.length + 3));
    }
  }

  /** Carries `act` out on all records, and again on the ones that may be under way, until none is left. */
  async function all(
    lane: string,
    act: (ids: readonly string[]) => Promise<readonly (string | number)[]>,
    onProgress: (progress: RemovalProgress) => void,
  ): Promise<Map<string, number>> {
    const words = new Map<string, number>();
    let records = 0;
    for (;;) {
      let flying = 0;
      let waitMs = 0;
      for await (const page of idsOf(lane)) {
        for (let at = 0; at < page.length; at += MOVED_AT_ONCE) {
          for (const word of await act(page.slice(at, at + MOVED_AT_ONCE))) {
            if (typeof word === "number") {
              flying += 1;
              waitMs = Math.max(waitMs, word);
            } else {
              words.set(word, (words.get(word) ?? 0) + 1);
              if (word !== "none") records += 1;
            }
          }
          onProgress({ records, flying, waitMs });
        }
      }
      if (flying === 0) return words;
      await wait(Math.min(waitMs + 1, FLIGHT_LOOK_MS));
    }
  }

  async function moveSeen(from: string, to: string): Promise<void> {
    const { at: _at, slice: _slice, ...slices } = await redis.hgetall(`${from}:e`);
    for (const [name, buckets] of Object.entries(slices)) {
      if (!name.startsWith("n")) continue;
      for (let bucket = 0; bucket < Number(buckets); bucket += 1) {
        const key = `${from}:e:${name.slice(1)}:${bucket}`;
        await run(redis, "sluice_remember", to, [dedupeWindowMs, oldSliceMs, key]);
      }
    }
    for await (const keys of keysLike(redis, `${escaped(from)}:seen:*`)) {
      for (const key of keys) {
        const here = `${to}${key.slice(from.length)}`;
        const ttl = Math.max(await redis.pttl(key), await redis.pttl(here), 1);
        await redis.multi().sunionstore(here, here, key).pexpire(here, ttl).del(key).exec();
      }
    }
  }

  async function moveKinds(
    from: string,
    to: string,
    names: { readonly from: string; readonly to: string },
  ): Promise<void> {
    const [theirs, ours] = await Promise.all([redis.hgetall(`${from}:kinds`), redis.hgetall(`${to}:kinds`)]);
    for (const [object, kind] of Object.entries(theirs)) {
      if (ours[object] !== undefined && ours[object] !== kind) throw new LaneKindsError(object, names.from, names.to);
    }
    for (const [object, kind] of Object.entries(theirs)) await redis.hsetnx(`${to}:kinds`, object, kind);
  }

  return {
    async move(from, to, onProgress) {
      const [left, here] = [laneTag(namespace, from), laneTag(namespace, to)];
      if (!shareSlot(redis, left, here)) throw new LaneApartError(from, to);
      await assertUnserved(from);
      await assertOneLane(from, to);
      await assertLettersRest(redis, from, [left]);
      const filed = await createLetterPlace(redis, left, from, "counts").counts();
      await markLane(redis, here);
      await moveKinds(left, here, { from, to });
      // Their counts come with the books; while some of these are here and some there, the sum over both is right.
      if (filed.length > 0) await createLetterRenames(redis, tag).note(from, to);
      // The seen entries go first, so that a repetition which comes in meanwhile is known.
      await moveSeen(left, here);
      const words = new Map<string, number>();
      do {
        const act = async (ids: readonly string[]): Promise<(string | number)[]> =>
          (await run(redis, "sluice_move", here, [left, orderingHorizonMs, ids.length, ...ids])) as (string | number)[];
        for (const [word, count] of await all(left, act, onProgress)) words.set(word, (words.get(word) ?? 0) + count);
      } while ((await run(redis, "sluice_inherit", here, [left])) === "more");
      await clearLane(redis, left);
      await redis.hdel(`${tag}:lanes`, from);
      onRemoved(from);
      const doubtful = words.get("doubtful") ?? 0;
      return { records: (words.get("moved") ?? 0) + doubtful, doubtful };
    },

    async discard(name, onProgress) {
      await assertUnserved(name);
      await assertOneLane(name);
      const lane = laneTag(namespace, name);
      await assertLettersRest(redis, name, [lane]);
      const filed = await createLetterPlace(redis, lane, name, "counts").counts();
      const letters = filed.reduce((sum, each) => sum + each.letters, 0);
      if (letters > 0) throw new LaneFiledError(name, letters);
      const { dead } = options.laneAt(name);
      const act = async (ids: readonly string[]): Promise<(string | number)[]> => {
        const rows = await Promise.all(
          ids.map(async (id) => [id, isOfEvent({ id }) ? ((await dead.find(id))?.events[0]?.source ?? "") : ""]),
        );
        return (await run(redis, "sluice_drop", lane, [ids.length, ...rows.flat()])) as (string | number)[];
      };
      const words = await all(lane, act, onProgress);
      await clearLane(redis, lane, [`${lane}:counts`]);
      onRemoved(name);
      return { records: words.get("dropped") ?? 0 };
    },
  };
}
