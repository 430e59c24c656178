import CircuitBreaker from "opossum";
import { BREAKER_ERROR_PERCENT, BREAKER_RESET_MS, BREAKER_VOLUME, BREAKER_WINDOW_MS } from "./limits.ts";

/**
 * Says when a destination is unwell. opossum counts and times; it is told results rather than given the
 * calls, because what it runs itself it can only take for a success or a failure, and a 429 is neither.
 */
export type Breaker = {
  readonly state: "closed" | "open" | "half-open";
  /** Whether a call may start. In half-open exactly one may: the probe, until its result is told. */
  enter(): Pass | null;
  close(): void;
};

export type Pass = {
  /** To be called exactly once. `unheard`: says nothing about the destination's health. */
  report(health: "good" | "bad" | "unheard"): void;
};

export type BreakerOptions = {
  readonly volume?: number;
  readonly resetMs?: number;
  /** Called when the breaker opens, with how long it stays so. */
  readonly onOpen: (forMs: number) => void;
};

export function createBreaker({
  volume = BREAKER_VOLUME,
  resetMs = BREAKER_RESET_MS,
  onOpen,
}: BreakerOptions): Breaker {
  const circuit = new CircuitBreaker(
    async (healthy: boolean) => {
      if (!healthy) throw new Error("the destination is unwell");
    },
    {
      volumeThreshold: volume,
      errorThresholdPercentage: BREAKER_ERROR_PERCENT,
      rollingCountTimeout: BREAKER_WINDOW_MS,
      rollingCountBuckets: 10,
      resetTimeout: resetMs,
      // It only ever runs the two lines above, so there is nothing to time out.
      timeout: false,
    },
  );
  circuit.on("open", () => onOpen(resetMs));
  let probing = false;

  return {
    get state() {
      if (circuit.opened) return "open";
      return circuit.halfOpen ? "half-open" : "closed";
    },
    enter() {
      if (circuit.opened || (circuit.halfOpen && probing)) return null;
      const probe = circuit.halfOpen;
      if (probe) probing = true;
      return {
        report(health) {
          if (probe) probing = false;
          // A call that began before the breaker opened says nothing about the destination now: told in
          // half-open it would close the breaker, and told while it is open it would count as refused.
          const stale = !probe && !circuit.closed;
          if (health === "unheard" || stale) return;
          circuit.fire(health === "good").catch(() => {});
        },
      };
    },
    close: () => circuit.shutdown(),
  };
}
