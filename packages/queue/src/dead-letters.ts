import type { Redis } from "ioredis";
import { readDeadLetter, type DeadLetter } from "./dead-letter.ts";
import { runDigits, type Edit } from "@sluice/record";
import { DEAD_LETTER_PAGE } from "./limits.ts";

/** A lane's dead letters, and what an operator can do with one. */
export type DeadLetters = {
  /** All of them, in no order, read in pages; one that comes or goes meanwhile may be missed. */
  all(): AsyncIterable<DeadLetter>;
  find(id: string): Promise<DeadLetter | null>;
  /** Sends what is parked of a record again, changed by the edit. */
  replay(id: string, edit: Edit): Promise<Replayed>;
  discard(letter: DeadLetter): Promise<Discarded>;
  /** Takes an event's letter away once its changes have been admitted anew. */
  forget(id: string): Promise<void>;
};

/**
 * `gone`: there is no such letter any more. `underway`: newer changes of the record wait to be written, and what is parked
 * goes out with them. `empty`: the edit would leave nothing to send.
 */
export type Replayed = "gone" | "underway" | "empty" | "replayed";
export type Discarded = "gone" | "underway" | "discarded";

/** Whether no mapping could read the event, so that the letter holds it and stands for no record. */
export function isOfEvent({ id }: Pick<DeadLetter, "id">): boolean {
  return id.startsWith(EVENT_PREFIX);
}

/** The id of a letter that holds an event; a record's id is plain base64url of another length. */
export function eventLetterId(digest: Buffer): string {
  return `${EVENT_PREFIX}${digest.toString("base64url")}`;
}

const EVENT_PREFIX = "e_";

export function createDeadLetters(
  redis: Redis,
  tag: string,
  call: (script: string, args: readonly (string | number)[]) => Promise<unknown>,
  nextRun: () => Promise<number>,
  destination: string,
): DeadLetters {
  const key = `${tag}:dead`;
  /** One that was moved here tells of the lane that it was in. */
  const read = (text: string): DeadLetter => ({ ...readDeadLetter(text), destination });
  return {
    async *all() {
      const seen = new Set<string>();
      let cursor = "0";
      do {
        const [next, flat] = await redis.hscan(key, cursor, "COUNT", DEAD_LETTER_PAGE);
        cursor = next;
        for (let at = 0; at < flat.length; at += 2) {
          const id = flat[at]!;
          if (seen.has(id)) continue;
          seen.add(id);
          yield read(flat[at + 1]!);
        }
      } while (cursor !== "0");
    },

    async find(id) {
      const text = await redis.hget(key, id);
      return text === null ? null : read(text);
    },

    async replay(id, { set, drop }) {
      const edits = [...set].flatMap(([field, value]) => [field, JSON.stringify(value)]);
      const word = await call("sluice_replay", [
        id,
        runDigits(await nextRun()),
        drop.size,
        ...drop,
        set.size,
        ...edits,
      ]);
      return word === "ring" ? "replayed" : (word as Replayed);
    },

    async discard(letter) {
      const source = isOfEvent(letter) ? (letter.events[0]?.source ?? "") : "";
      return (await call("sluice_discard", [letter.id, source])) as Discarded;
    },

    async forget(id) {
      await redis.hdel(key, id);
    },
  };
}
