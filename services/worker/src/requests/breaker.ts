import CircuitBreaker from "opossum";
import {
  BREAKER_ERROR_PERCENT,
  BREAKER_RESULT_TIMEOUT_MS,
  BREAKER_VOLUME,
  BREAKER_WINDOW_MS,
  FAILING_TIMEOUTS,
} from "../limits.ts";

/**
 * Says when a destination has become unwell. opossum counts the results that this process sees; the fleet does the rest: a hold
 * in Redis, one probe, a ramp. opossum is told results rather than given the calls, because a call that it runs itself can only be
 * a success or a failure, and a 429 is neither. A destination that has little to do, or hangs, never makes opossum's volume of
 * failures within its window: nothing but failures for a while counts as well.
 */
export type Breaker = {
  /**
   * A call starts. Its result counts only if the breaker did not open meanwhile. `aside`: it may fail while all is well with
   * writes, such as a look at a job: it counts among many, and alone makes no outage.
   */
  enter(aside?: boolean): BreakerPermit;
  close(): void;
};

export type BreakerPermit = {
  /** To be called exactly once. `unheard`: says nothing about the destination's health. */
  report(health: "good" | "bad" | "unheard"): void;
};

export type BreakerOptions = {
  readonly volume?: number;
  /** How long a call to the destination may take. */
  readonly timeoutMs: number;
  /** A steady clock. */
  readonly nowMs: () => number;
  /** Called each time that the breaker opens; it is closed again by then, because the fleet's hold does the rest. */
  readonly onOpen: () => void;
};

export function createBreaker({ volume = BREAKER_VOLUME, timeoutMs, nowMs, onOpen }: BreakerOptions): Breaker {
  const outageMs = Math.min(BREAKER_WINDOW_MS, timeoutMs * FAILING_TIMEOUTS);
  let circuit = newCircuit();
  /** The earliest start of a call that failed since the last good answer, and when that was. */
  let failingSince = Infinity;
  let goodAt = -Infinity;

  function newCircuit(): CircuitBreaker<[boolean], void> {
    const made = new CircuitBreaker(
      async (healthy: boolean) => {
        if (!healthy) throw new Error("the destination is unwell");
      },
      {
        volumeThreshold: volume,
        errorThresholdPercentage: BREAKER_ERROR_PERCENT,
        rollingCountTimeout: BREAKER_WINDOW_MS,
        rollingCountBuckets: 10,
        timeout: BREAKER_RESULT_TIMEOUT_MS,
      },
    );
    made.on("open", () => open(made));
    return made;
  }

  function open(opened: CircuitBreaker<[boolean], void>): void {
    // Failures that were counted belong to the outage; a new one has to be seen anew.
    opened.shutdown();
    if (circuit === opened) circuit = newCircuit();
    failingSince = Infinity;
    onOpen();
  }

  return {
    enter(aside = false) {
      const entered = circuit;
      const enteredAt = nowMs();
      return {
        report(health) {
          if (health === "unheard" || entered !== circuit) return;
          circuit.fire(health === "good").catch(() => {});
          if (health === "good") {
            failingSince = Infinity;
            goodAt = nowMs();
            return;
          }
          if (aside) return;
          failingSince = Math.min(failingSince, enteredAt);
          // opossum tells that it opened one turn later.
          if (nowMs() - Math.max(failingSince, goodAt) >= outageMs && !entered.opened) open(entered);
        },
      };
    },
    close: () => circuit.shutdown(),
  };
}
