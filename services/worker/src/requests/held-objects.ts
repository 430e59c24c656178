/**
 * Objects that take no record, such as one that does not exist: their records wait, and the records of other objects go on. Each
 * worker finds it out by a record of its own, and sends one from time to time to see whether it is over.
 */
export type HeldObjects = {
  /** How long a record of the object waits (ms). Null: it may be sent, and tries the object where that is held. */
  pauseMs(object: string): number | null;
  /** The object has taken no record. */
  hold(object: string, forMs: number, why: string): void;
  /** The object has taken a record. */
  free(object: string): void;
};

export type HeldObjectsOptions = {
  /** A steady clock. */
  readonly nowMs: () => number;
  /** Called once for each time that an object is held. */
  readonly onHeld: (object: string, why: string) => void;
  readonly onFreed: (object: string) => void;
};

export function createHeldObjects({ nowMs, onHeld, onFreed }: HeldObjectsOptions): HeldObjects {
  const held = new Map<string, { untilMs: number; readonly forMs: number }>();
  return {
    pauseMs(object) {
      const hold = held.get(object);
      if (hold === undefined) return null;
      const leftMs = hold.untilMs - nowMs();
      if (leftMs > 0) return leftMs;
      hold.untilMs = nowMs() + hold.forMs;
      return null;
    },
    hold(object, forMs, why) {
      const isNews = !held.has(object);
      held.set(object, { untilMs: nowMs() + forMs, forMs });
      if (isNews) onHeld(object, why);
    },
    free(object) {
      if (held.delete(object)) onFreed(object);
    },
  };
}
