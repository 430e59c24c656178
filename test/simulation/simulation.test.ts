import { expect, test } from "vitest";
import { createRandom } from "../chaos/random.ts";
import { readConfiguration } from "@sluice/runtime";
import { COSTS } from "./costs.ts";
import { bytesOf, EMPTY, flow, type Plant, type State } from "./flow.ts";
import { createWeather } from "./weather.ts";
import { simulate, STEP_S } from "./year.ts";

const GB = 1024 ** 3;
const PLANT: Plant = { records: 2_000_000, callsPerMinute: 700, batch: 100, redisBudgetBytes: 20 * GB };

const heldEvents = ({ atSenders, waiting, pendingEvents }: State): number => atSenders + waiting + pendingEvents;

test.each([
  ["a fleet that has room", 1000, PLANT],
  ["more events than Redis can take, in too little memory", 9000, { ...PLANT, redisBudgetBytes: GB }],
  ["a small quota", 200, { ...PLANT, callsPerMinute: 10 }],
])(
  "%s: events that came in have ended or are told where they are, and no minute has more calls than the quota",
  (_, perSecond, plant) => {
    const days = 10;
    let arrived = 0;
    let ended = 0;
    /** How far each rule was off at its worst: a check of each of 86,400 steps would take longer than the steps. */
    const worst = {
      unaccounted: 0,
      overQuota: 0,
      duringHold: 0,
      below: 0,
      overRecords: 0,
      recordsOverEvents: 0,
      bytes: 0,
    };
    const note = (rule: keyof typeof worst, by: number): void => void (worst[rule] = Math.max(worst[rule], by));
    simulate(
      plant,
      createWeather(perSecond, days, 7),
      days,
      ({ state, calls, redisBytes, ...step }, arriving, isHeld) => {
        arrived += arriving;
        ended += step.ended;
        // Events that came in have ended or are held: to a millionth, after all these steps of doubles.
        note("unaccounted", Math.abs(arrived - ended - heldEvents(state)) / arrived - 1e-6);
        note("overQuota", calls - (plant.callsPerMinute / 60) * STEP_S * (1 + 1e-9));
        note("duringHold", isHeld ? calls : 0);
        note("below", -Math.min(...Object.values(state)));
        note("overRecords", state.pendingRecords - plant.records);
        note("recordsOverEvents", state.pendingRecords - state.pendingEvents - 1e-6);
        note("bytes", Math.abs(redisBytes - bytesOf(state)));
      },
    );
    expect(Object.entries(worst).filter(([, by]) => by > 0)).toEqual([]);
    expect(ended).toBeGreaterThan(0);
  },
);

test("the same seed makes the same year, another one another", () => {
  const year = (seed: number): unknown => simulate(PLANT, createWeather(1000, 20, seed), 20);
  expect(year(1)).toEqual(year(1));
  expect(year(1)).not.toEqual(year(2));
});

test.each([
  // From test/bench/README.md: 100,000 events over 5,000 records came in within 44 s.
  { callsPerMinute: 700, calls: 509, doneAfterS: 44 },
  { callsPerMinute: 90, calls: 125, doneAfterS: 86 },
])(
  "a real run with a quota of $callsPerMinute: $calls calls, done after $doneAfterS s",
  ({ callsPerMinute, ...real }) => {
    const plant = { ...PLANT, records: 5000, callsPerMinute };
    let state = EMPTY;
    let calls = 0;
    let seconds = 0;
    while (seconds < 44 || state.pendingRecords > 1) {
      const step = flow(state, plant, 1, seconds < 44 ? 100_000 / 44 : 0, false);
      ({ state } = step);
      calls += step.calls;
      seconds += 1;
    }
    expect(Math.abs(calls / real.calls - 1)).toBeLessThan(0.15);
    expect(Math.abs(seconds / real.doneAfterS - 1)).toBeLessThan(0.15);
  },
);

test("flows come to what single events come to: records that are drawn one by one, and calls that are counted one by one", () => {
  const random = createRandom(3, "events");
  const plant: Plant = { records: 3000, callsPerMinute: 120, batch: 10, redisBudgetBytes: GB };
  const perSecond = 40;
  const isHeld = (second: number): boolean => second >= 100 && second < 200;
  const pending = new Map<number, number>();
  let tokens = 0;
  let state = EMPTY;
  const single = { calls: 0, writes: 0, events: 0 };
  const flowing = { calls: 0, writes: 0, events: 0 };
  let apart = 0;
  for (let second = 0; second < 400; second += 1) {
    for (let event = 0; event < perSecond; event += 1) {
      const record = random.whole(0, plant.records - 1);
      pending.set(record, (pending.get(record) ?? 0) + 1);
    }
    tokens = isHeld(second) ? 0 : Math.min(plant.callsPerMinute / 60, tokens + plant.callsPerMinute / 60);
    for (; tokens >= 1 && pending.size > 0; tokens -= 1) {
      single.calls += 1;
      for (const [record, events] of [...pending].slice(0, plant.batch)) {
        pending.delete(record);
        single.writes += 1;
        single.events += events;
      }
    }
    const step = flow(state, plant, 1, perSecond, isHeld(second));
    ({ state } = step);
    flowing.calls += step.calls;
    flowing.writes += step.writes;
    flowing.events += step.ended;
    apart = Math.max(apart, Math.abs(pending.size - state.pendingRecords));
  }
  expect(flowing.calls).toBeCloseTo(single.calls, 6);
  expect(flowing.writes).toBeCloseTo(single.writes, 6);
  // The oldest records go first, which flows do not know: they have more events than others.
  expect(Math.abs(flowing.events / single.events - 1)).toBeLessThan(0.1);
  expect(apart).toBeLessThan(plant.records * 0.05);
});

test("event ids are kept for as long as a configuration that says nothing of it has them kept", () => {
  const { dedupeWindowMs } = readConfiguration("sources: {}\ndestinations: {}\n", { path: "sluice.yaml", env: {} });
  expect(COSTS.idKeptS).toBe((1.5 * dedupeWindowMs) / 1000);
});
