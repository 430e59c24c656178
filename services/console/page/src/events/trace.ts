import type { EventTraceJson } from "../../../src/contract/event.ts";
import { useAnswer } from "../api/questions.ts";

const EVERY_MS = 1_000;

/** The trace of one event, which grows as long as something of it has no end. `isAwaited`: it came in just now, and may not be known yet. */
export function useTrace(ref: string, { isAwaited = false, isOff = false } = {}) {
  return useAnswer(
    "traceEvent",
    { path: { ref } },
    {
      isOff,
      everyMs: (trace, fault) => {
        const isOpen = trace === undefined ? isAwaited && fault?.code === "event_unknown" : hasOpen(trace);
        return isOpen ? EVERY_MS : false;
      },
    },
  );
}

/** Whether something of the event has no outcome yet. */
export function hasOpen({ event, changes }: EventTraceJson): boolean {
  return event.outcome === "pending" || changes.some(({ outcome }) => outcome === "pending");
}
