import fc from "fast-check";
import { expect, test } from "vitest";
import { createArrivalClock } from "./arrival-clock.ts";

test("nothing is given before Redis was asked, nor after its connection is gone", () => {
  const clock = createArrivalClock(() => 0);
  expect(clock.give(1)).toBeNull();
  clock.set(1_000_000, 0, 7, 0);
  expect(clock.give(1)).toEqual({ micros: 1_000_000, session: 7 });
  clock.forget();
  expect(clock.give(1)).toBeNull();
});

test("whatever Redis' clock, other doors and failovers do, no microsecond is given twice and none is older than one before", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("give" as const), count: fc.integer({ min: 1, max: 1000 }) }),
    fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 50 }) }),
    fc.record({
      kind: fc.constant("see" as const),
      micros: fc.integer({ min: 0, max: 2_000_000 }),
      redisMicros: fc.integer({ min: 0, max: 2_000_000 }),
    }),
    // A failover: to a server whose clock is off, and whose state may be older.
    fc.record({
      kind: fc.constant("begin" as const),
      micros: fc.integer({ min: 0, max: 1_000_000 }),
      highest: fc.integer({ min: 0, max: 1_000_000 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let nowMs = 0;
      let highest = 0;
      const clock = createArrivalClock(() => nowMs);
      clock.set(1000, 0, 1, 0);
      for (const each of steps) {
        if (each.kind === "pass") nowMs += each.ms;
        else if (each.kind === "see") {
          clock.see(each.micros, each.redisMicros, nowMs);
          highest = Math.max(highest, each.micros);
        } else if (each.kind === "begin") {
          clock.forget();
          clock.set(each.micros, each.highest, 1, nowMs);
          highest = Math.max(highest, each.highest);
        } else {
          const { micros } = clock.give(each.count)!;
          if (micros <= highest) return false;
          highest = micros + each.count - 1;
        }
      }
      return true;
    }),
  );
});

test("an answer that came late makes the clock lag until a quicker one comes", () => {
  let nowMs = 0;
  const clock = createArrivalClock(() => nowMs);
  // Redis said 1 s, and was heard 300 ms later.
  nowMs = 300;
  clock.set(1_000_000, 0, 1, 0);
  expect(clock.give(1)!.micros).toBe(1_000_000);
  nowMs = 400;
  clock.see(0, 1_399_000, nowMs);
  expect(clock.give(1)!.micros).toBe(1_399_000);
  // A late one doesn't make it worse.
  nowMs = 500;
  clock.see(0, 1_400_000, nowMs);
  expect(clock.give(1)!.micros).toBeGreaterThan(1_498_000);
});

test("the highest arrival of all doors is known for ten milliseconds after it was asked for, not after it was heard", () => {
  let nowMs = 0;
  const clock = createArrivalClock(() => nowMs);
  expect(clock.isFresh).toBe(false);
  clock.set(1_000_000, 0, 1, 0);
  nowMs = 10;
  expect(clock.isFresh).toBe(true);
  nowMs = 11;
  expect(clock.isFresh).toBe(false);
  clock.see(0, 1_011_000, 5);
  expect(clock.isFresh).toBe(true);
  nowMs = 16;
  expect(clock.isFresh).toBe(false);
  clock.see(0, 1_016_000, 16);
  clock.forget();
  expect(clock.isFresh).toBe(false);
});
