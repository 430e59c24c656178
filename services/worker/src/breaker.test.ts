import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBreaker, type Breaker } from "./breaker.ts";

/** The traps of opossum that PITFALLS.md names (a) to (e), each as the behaviour that we want instead. */
const RESET_MS = 1000;
let breaker: Breaker;
let opened: number[];
beforeEach(() => {
  vi.useFakeTimers();
  opened = [];
  breaker = createBreaker({ volume: 10, resetMs: RESET_MS, onOpen: (forMs) => opened.push(forMs) });
});
afterEach(() => {
  breaker.close();
  vi.useRealTimers();
});

async function tell(health: "good" | "bad" | "unheard", times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    breaker.enter()?.report(health);
    await vi.advanceTimersByTimeAsync(0);
  }
}

test("it stays closed below its volume, and opens when half of the calls failed", async () => {
  await tell("bad", 9);
  expect(breaker.state).toBe("closed");
  await tell("bad");
  expect(breaker.state).toBe("open");
  expect(opened).toEqual([RESET_MS]);
  expect(breaker.enter()).toBeNull();
});

test("what says nothing about health, such as a 429, neither opens nor closes it", async () => {
  await tell("bad", 9);
  await tell("unheard", 50);
  expect(breaker.state).toBe("closed");
  await tell("bad");
  await vi.advanceTimersByTimeAsync(RESET_MS);
  expect(breaker.state).toBe("half-open");
  await tell("unheard");
  expect(breaker.state).toBe("half-open");
});

test("half-open lets one probe through at a time; its success closes, its failure opens", async () => {
  await tell("bad", 10);
  await vi.advanceTimersByTimeAsync(RESET_MS);
  const probe = breaker.enter();
  expect(probe).not.toBeNull();
  expect(breaker.enter()).toBeNull();
  probe?.report("bad");
  await vi.advanceTimersByTimeAsync(0);
  expect(breaker.state).toBe("open");
  await vi.advanceTimersByTimeAsync(RESET_MS);
  await tell("good");
  expect(breaker.state).toBe("closed");
});

test("a call from before it opened, answered late, does not close it", async () => {
  const early = breaker.enter();
  await tell("bad", 10);
  await vi.advanceTimersByTimeAsync(RESET_MS);
  early?.report("good");
  await vi.advanceTimersByTimeAsync(0);
  expect(breaker.state).toBe("half-open");
});
