import { expect, test } from "vitest";
import { createPlaceTime } from "./place-time.ts";

test("the time of places is summed up, and what is taken still counts up to now", () => {
  let now = 5000;
  const time = createPlaceTime(() => now);
  now += 60_000;
  expect(time.seconds()).toBe(0);
  time.take(3);
  now += 2000;
  expect(time.seconds()).toBe(6);
  time.take(1);
  now += 500;
  time.take(0);
  now += 60_000;
  expect(time.seconds()).toBe(6.5);
});
