import { expect, test } from "vitest";
import { budgetBytes, isPressed } from "./pressure.ts";

test("a share is of what Redis has, bytes are bytes", () => {
  expect(budgetBytes({ share: 0.8 }, 1000)).toBe(800);
  expect(budgetBytes({ share: 0.8 }, null)).toBeNull();
  expect(budgetBytes({ bytes: 512 }, 1000)).toBe(512);
});

test("the door closes at the budget and opens 5 % below it", () => {
  let pressed = false;
  const seen = [990, 999, 1000, 999, 951, 950, 949, 960, 999, 1001].map((used) => {
    pressed = isPressed(pressed, used, 1000);
    return pressed;
  });
  expect(seen).toEqual([false, false, true, true, true, true, false, false, false, true]);
});

test("a Redis that does not say what it has never closes the door", () => {
  expect(isPressed(false, Number.MAX_SAFE_INTEGER, null)).toBe(false);
});
