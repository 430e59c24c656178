import fc from "fast-check";
import { expect, test } from "vitest";
import { createArrivalClock } from "./arrival-clock.ts";

test("nothing is given before Redis was asked, nor after its connection is gone", () => {
  const clock = createArrivalClock(() => 0);
  expect(clock.give(1)).toBeNull();
  clock.set(1_000_000, 0, 7, 0);
  expect(clock.give(1)).toEqual({ micros: 1_000_000, session: 7 });
  expect(clock.session).toBe(7);
  clock.forget();
  expect(clock.give(1)).toBeNull();
});

test("some in a row follow one another without a gap, and what is seen while the connection is gone counts behind it", () => {
  const clock = createArrivalClock(() => 0);
  clock.set(1_000_000, 0, 1, 0);
  expect([3, 1, 1].map((count) => clock.give(count)!.micros)).toEqual([1_000_000, 1_000_003, 1_000_004]);
  clock.forget();
  clock.see(5_000_000, 2_000_000, 0);
  expect(clock.give(1)).toBeNull();
  clock.set(1_000_000, 0, 1, 0);
  expect(clock.give(1)!.micros).toBe(5_000_001);
});

test("a good bound is worth less with time: clocks drift apart", () => {
  let nowMs = 50_000;
  const clock = createArrivalClock(() => nowMs);
  clock.set(60_000_000, 0, 1, nowMs);
  // Behind 10 s it may be off by a millisecond: an answer that was heard 900 µs late is no better, one of 1,100 µs no worse than that.
  for (const [lateMicros, offMicros] of [
    [900, 900],
    [3000, 1900],
  ] as const) {
    nowMs += 10_000;
    const redisMicros = nowMs * 1000 + 10_000_000;
    clock.see(0, redisMicros - lateMicros, nowMs);
    expect(redisMicros - clock.give(1)!.micros).toBe(offMicros);
  }
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
