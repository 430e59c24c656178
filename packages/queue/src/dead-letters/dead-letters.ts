import type { Redis } from "ioredis";
import { INTAKE } from "./cause.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { createDeadLetterStore, type DeadLetterStore } from "./dead-letter-store.ts";
import { runDigits, type Edit } from "@sluice/record";

/** A lane's dead letters, and what an operator can do with one. */
export type DeadLetters = DeadLetterStore & {
  /** Sends the parked changes of a record again, changed by the edit. */
  replay(id: string, edit: Edit): Promise<Replayed>;
  discard(letter: DeadLetter): Promise<Discarded>;
};

/**
 * `gone`: there is no such letter any more. `underway`: newer changes of the record wait to be written, and the parked ones
 * go out with them. `empty`: the edit would leave nothing to send.
 */
export type Replayed = "gone" | "underway" | "empty" | "replayed";
export type Discarded = "gone" | "underway" | "discarded";

/** Whether no mapping could read the event, so that the letter holds it and stands for no record. */
export function isOfEvent({ id }: Pick<DeadLetter, "id">): boolean {
  // One in four thousand records has an id that begins so too.
  return id.startsWith(EVENT_PREFIX) && id.length !== RECORD_ID_LENGTH;
}

/** Whether the letter stands for a record, whose values are parked beside it. */
export function isOfRecord({ id, destination }: Pick<DeadLetter, "id" | "destination">): boolean {
  return destination !== INTAKE && !isOfEvent({ id });
}

/** The id of a letter that holds an event; a record's id is plain base64url of another length. */
export function eventDeadLetterId(digest: Buffer): string {
  return `${EVENT_PREFIX}${digest.toString("base64url")}`;
}

const EVENT_PREFIX = "e_";
const RECORD_ID_LENGTH = 22;

export function createDeadLetters(
  redis: Redis,
  tag: string,
  horizonMs: number,
  call: (script: string, args: readonly (string | number)[]) => Promise<unknown>,
  nextRun: () => Promise<number>,
  destination: string,
): DeadLetters {
  return {
    ...createDeadLetterStore(redis, tag, destination),

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
      return (await call("sluice_discard", [horizonMs, letter.id, source])) as Discarded;
    },
  };
}
