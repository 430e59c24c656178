/**
 * Objects that take no record, such as one that does not exist: theirs wait, and those of others go on. Each worker finds it out
 * by a record of its own, and sends one from time to time to see whether it is over.
 */
export type HeldObjects = {
  /** How long a record of the object waits (ms). Null: it may be sent, and where the object is held it is the one that tries. */
  pauseMs(object: string): number | null;
  /** It has taken no record. */
  hold(object: string, forMs: number, why: string): void;
  /** It has taken one. */
  free(object: string): void;
};

export type HeldObjectsOptions = {
  /** A steady clock. */
  readonly nowMs: () => number;
  /** Called once for each time that it is held. */
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
