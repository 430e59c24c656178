import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { clockTime, distance, wholeTime } from "../time.ts";

const ClockContext = createContext(0);

/** One clock for all times on the page, so that they move together. */
export function ClockProvider({ children }: { readonly children: ComponentChildren }) {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const ticking = window.setInterval(() => setNowMs(Date.now()), 1_000);
    return () => window.clearInterval(ticking);
  }, []);
  return <ClockContext.Provider value={nowMs}>{children}</ClockContext.Provider>;
}

export function useClockMs(): number {
  return useContext(ClockContext);
}

/** `3 min ago`; the whole time, in UTC, when pointed at. */
export function Ago({ at }: { readonly at: string }) {
  return (
    <time datetime={at} title={wholeTime(at)}>
      {distance(at, useClockMs())}
    </time>
  );
}

/** `14:03:22`; with the day where that is not today. */
export function At({ at }: { readonly at: string }) {
  return (
    <time datetime={at} title={wholeTime(at)}>
      {clockTime(at, useClockMs())}
    </time>
  );
}
