import { setImmediate as nextIteration } from "node:timers/promises";
import { LONGEST_SLICE_MS, SHORT_MS } from "../limits.ts";

/**
 * Expressions run one at a time, and give the event loop back after a while, so that locks, leases and other people's
 * requests are looked after meanwhile.
 */
export type TimeSlices = {
  /**
   * Runs the work when it is its turn. `isOver` says when it should end its turn.
   * @returns also its processor time, which may hold that of other work in the same turn
   */
  take<T>(work: (isOver: () => boolean) => T | Promise<T>): Promise<{ readonly value: T; readonly ms: number }>;
};

/**
 * @param nowMs a steady clock
 * @param workedMs processor time of this thread: work is no slower for a busy machine, or for a pause of the whole process
 */
export function createTimeSlices(
  nowMs: () => number = () => performance.now(),
  workedMs: () => number = processorMs,
): TimeSlices {
  let last: Promise<unknown> = Promise.resolve();
  let beganAtMs = nowMs();
  /** The thread's processor time when it was last asked for, which costs as much as an event's expressions. */
  let workedAtMs = workedMs();
  return {
    async take(work) {
      const previous = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await previous;
      try {
        if (nowMs() - beganAtMs > LONGEST_SLICE_MS) {
          await nextIteration();
          beganAtMs = nowMs();
          workedAtMs = workedMs();
        }
        const startedAtMs = nowMs();
        const value = await work(() => nowMs() - beganAtMs > LONGEST_SLICE_MS);
        const lastedMs = nowMs() - startedAtMs;
        if (lastedMs < SHORT_MS) return { value, ms: lastedMs };
        const before = workedAtMs;
        workedAtMs = workedMs();
        return { value, ms: Math.min(lastedMs, workedAtMs - before) };
      } finally {
        resolve();
      }
    },
  };
}

function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
