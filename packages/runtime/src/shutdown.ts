import { LIMITS } from "./limits.ts";
import type { Log } from "./log.ts";

/** A part of a process that was started and has to be ended. */
export type Part = {
  readonly name: string;
  /**
   * Says that the part is about to end, while it still does all its work, and resolves when the others have had time to hear it. Carried out
   * before any part is stopped; its time is not part of the deadline.
   */
  drain?(): Promise<void>;
  /** Ends the part; its work under way may take until `deadlineMs` have passed. */
  stop(deadlineMs: number): Promise<void>;
};

export type Shutdown = {
  /** Parts are stopped in the reverse order of their adding, the parts of one `add` together. */
  add(...parts: readonly Part[]): void;
  /** Stops all parts, once. A failure is logged and holds nothing up. @returns whether all went well. */
  stop(): Promise<boolean>;
};

export type ShutdownOptions = { readonly log: Log; readonly deadlineMs?: number };

/** Ends the parts of a process, the last ones first: doors close before workers drain before Redis stops. */
export function createShutdown({ log, deadlineMs = LIMITS.shutdownDeadlineMs }: ShutdownOptions): Shutdown {
  const groups: (readonly Part[])[] = [];
  let stopped: Promise<boolean> | undefined;

  async function stopAll(): Promise<boolean> {
    const parts = groups.flat();
    const drained = await Promise.allSettled(parts.map(async (part) => await part.drain?.()));
    for (const [at, each] of drained.entries()) {
      if (each.status === "rejected") log.error({ err: each.reason }, `${parts[at]!.name} did not say that it ends`);
    }
    const end = performance.now() + deadlineMs;
    let ok = true;
    for (const group of groups.toReversed()) {
      // A part that comes late still gets a moment: Redis must be able to close its file.
      const leftMs = Math.max(end - performance.now(), LIMITS.shutdownLeastMs);
      const results = await Promise.all(group.map((part) => stopPart(part, leftMs, log)));
      ok = ok && results.every(Boolean);
    }
    return ok;
  }

  return {
    add(...parts) {
      groups.push(parts);
    },
    stop: () => (stopped ??= stopAll()),
  };
}

async function stopPart(part: Part, leftMs: number, log: Log): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not ended after ${Math.round(leftMs)} ms`)),
      leftMs + LIMITS.shutdownLeastMs,
    );
  });
  try {
    await Promise.race([part.stop(leftMs), late]);
    return true;
  } catch (error) {
    log.error({ err: error }, `${part.name} did not end as it should`);
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Calls `graceful` at the first SIGINT or SIGTERM and `now` at the second. One press of Ctrl-C arrives
 * several times (from the terminal, passed on by npm, passed on by the bootstrap), so signals
 * within half a second are the same one.
 */
export function onStopSignal(graceful: (signal: NodeJS.Signals) => void, now: () => void): void {
  let firstAtMs: number | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    if (firstAtMs === undefined) {
      firstAtMs = performance.now();
      graceful(signal);
    } else if (performance.now() - firstAtMs > LIMITS.sameSignalMs) {
      now();
    }
  };
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
}
