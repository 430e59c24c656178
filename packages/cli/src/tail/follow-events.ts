import type { EventRow } from "@sluice/history";
import { LIMITS } from "./limits.ts";

/** Decides which events of a look at the history are to be shown now. */
export type Following = {
  /**
   * @param rows the events of the window, the newest first
   * @returns the events to show, the oldest first: each is shown once, when it has ended or was waited for long enough
   */
  take(rows: readonly EventRow[], nowMs: number): readonly EventRow[];
  /** Events that were seen and are still waited for. */
  waiting(): readonly EventRow[];
};

/** Outcomes that may become another one. */
const OPEN: ReadonlySet<EventRow["outcome"]> = new Set(["pending", "unknown"]);

/** @param outcome only events that ended so; undefined: all */
export function followEvents(outcome: string | undefined): Following {
  const waiting = new Map<string, { readonly row: EventRow; readonly sinceMs: number }>();
  /** Events that were shown, or are not wanted, and when they were last seen. */
  const done = new Map<string, number>();

  return {
    take(rows, nowMs) {
      const shown: EventRow[] = [];
      for (const row of rows.toReversed()) {
        const name = `${row.ref} ${row.id}`;
        if (done.has(name)) {
          done.set(name, nowMs);
          continue;
        }
        if (OPEN.has(row.outcome)) {
          waiting.set(name, { row, sinceMs: waiting.get(name)?.sinceMs ?? nowMs });
          continue;
        }
        waiting.delete(name);
        done.set(name, nowMs);
        shown.push(row);
      }
      // An event that does not end is told as it was seen last, also one that has left the window.
      for (const [name, { row, sinceMs }] of waiting) {
        if (nowMs - sinceMs < LIMITS.patienceMs) continue;
        waiting.delete(name);
        done.set(name, nowMs);
        shown.push(row);
      }
      for (const [name, atMs] of done) if (nowMs - atMs > 2 * LIMITS.windowMs) done.delete(name);
      return shown.filter((row) => (outcome ?? row.outcome) === row.outcome);
    },
    waiting: () =>
      [...waiting.values()].map(({ row }) => row).filter((row) => (outcome ?? row.outcome) === row.outcome),
  };
}
