import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBreaker, type Breaker } from "./breaker.ts";

/** The traps of opossum (docs/decisions/0002-breaker-told-results.md), each as the behaviour that we want instead. */
let breaker: Breaker;
let opened: number;
beforeEach(() => {
  // The breaker goes by these alone. Files share a process: what another one has left running shall go on by the real clock.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  opened = 0;
  breaker = createBreaker({ volume: 10, timeoutMs: 20_000, nowMs: () => Date.now(), onOpen: () => (opened += 1) });
});
afterEach(() => {
  breaker.close();
  vi.useRealTimers();
});

async function tell(health: "good" | "bad" | "unheard", times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    breaker.enter().report(health);
    await vi.advanceTimersByTimeAsync(0);
  }
}

test("it stays closed below its volume, and opens when more than half of the calls failed", async () => {
  await tell("good", 4);
  await tell("bad", 5);
  expect(opened).toBe(0);
  await tell("bad");
  expect(opened).toBe(1);
});

test("while more calls are good than bad it stays closed, however many fail", async () => {
  for (let time = 0; time < 20; time += 1) {
    await tell("good", 2);
    await tell("bad");
  }
  expect(opened).toBe(0);
});

test("what says nothing about health, such as a 429 or a 422, neither opens nor keeps it closed", async () => {
  await tell("bad", 9);
  await tell("unheard", 50);
  expect(opened).toBe(0);
  await tell("bad");
  expect(opened).toBe(1);
});

test("a call from before it opened, answered late, counts for nothing", async () => {
  const early = Array.from({ length: 30 }, () => breaker.enter());
  await tell("bad", 10);
  expect(opened).toBe(1);
  for (const pass of early) pass.report("bad");
  await vi.advanceTimersByTimeAsync(0);
  expect(opened).toBe(1);
});

test("after an outage a new one has to be seen anew", async () => {
  await tell("bad", 10);
  await tell("bad", 9);
  expect(opened).toBe(1);
  await tell("bad");
  expect(opened).toBe(2);
});

test.each([1, 2, 8, 64])(
  "a destination that hangs is unwell with the first timeout of 20 s, with %i in flight",
  async (concurrency) => {
    const passes = Array.from({ length: concurrency }, () => breaker.enter());
    await vi.advanceTimersByTimeAsync(20_000);
    for (const pass of passes) pass.report("bad");
    await vi.advanceTimersByTimeAsync(0);
    expect(opened).toBe(1);
  },
);

test("nothing but failures for a while is an outage, however few they are", async () => {
  for (let failure = 0; failure < 5; failure += 1) {
    await tell("bad");
    await vi.advanceTimersByTimeAsync(2400);
  }
  expect(opened).toBe(0);
  await tell("bad");
  expect(opened).toBe(1);
});

test("looks at a job that can't be read are no outage of the writes", async () => {
  for (let failure = 0; failure < 9; failure += 1) {
    breaker.enter(true).report("bad");
    await vi.advanceTimersByTimeAsync(5000);
  }
  expect(opened).toBe(0);
});

test("one good answer between them makes it none", async () => {
  for (let failure = 0; failure < 20; failure += 1) {
    await tell("bad");
    await vi.advanceTimersByTimeAsync(2400);
    if (failure % 3 === 2) await tell("good");
  }
  expect(opened).toBe(0);
});

test("a call that hung while others were answered says nothing of the destination", async () => {
  const hung = breaker.enter();
  await vi.advanceTimersByTimeAsync(15_000);
  await tell("good");
  await vi.advanceTimersByTimeAsync(5000);
  hung.report("bad");
  await vi.advanceTimersByTimeAsync(0);
  expect(opened).toBe(0);
});
