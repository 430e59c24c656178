import { ROOM_PER_LOOK, UNDERSTANDING_GROWTH, UNDERSTANDING_SHARE } from "../limits.ts";

/** Redis' memory as understanding sees it. `limitBytes` null: Redis does not say how much it has. */
export type Memory = { readonly usedBytes: number; readonly limitBytes: number | null };

/**
 * Room for the jobs that this process understands now, below the last tenth of Redis' memory, without which nothing that was
 * understood could be written. A look at the memory holds only for a part of the room that it finds, since others fill it too:
 * with much room there are few looks, and near its end one for every job.
 */
export type Room = {
  /** Whether a job of so many bytes may begin. A job that may must `leave`. */
  enter(bytes: number): Promise<boolean>;
  leave(bytes: number): void;
};

export function createRoom(look: () => Promise<Memory>): Room {
  let inFlight = 0;
  /** The bytes for which the last look still holds. */
  let granted = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function mayBegin(grown: number): Promise<boolean> {
    if (grown > granted) {
      const { usedBytes, limitBytes } = await look();
      if (limitBytes === null) return true;
      const free = limitBytes * UNDERSTANDING_SHARE - usedBytes;
      granted = 0;
      // A job that is larger than all the room there is begins alone: it may grow less than it could.
      if (free <= 0 || (inFlight > 0 && free < inFlight + grown)) return false;
      granted = Math.max(grown, (free - inFlight) * ROOM_PER_LOOK);
    }
    granted -= grown;
    return true;
  }

  return {
    async enter(bytes) {
      const grown = bytes * UNDERSTANDING_GROWTH;
      const may = last.then(async () => {
        const begins = await mayBegin(grown);
        if (begins) inFlight += grown;
        return begins;
      });
      last = may.catch(() => {});
      return await may;
    },
    leave(bytes) {
      inFlight -= bytes * UNDERSTANDING_GROWTH;
    },
  };
}
