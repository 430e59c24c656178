import { expect, test } from "vitest";
import { createHeldObjects } from "./held-objects.ts";

test("an object that takes no record is told once; its records wait, but for one each time that tries", () => {
  let nowMs = 0;
  const told: string[] = [];
  const objects = createHeldObjects({
    nowMs: () => nowMs,
    onHeld: (object, why) => told.push(`${object}: ${why}`),
    onFreed: (object) => told.push(`${object} is there`),
  });
  expect(objects.pauseMs("a")).toBeNull();
  objects.hold("a", 1000, "missing");
  objects.hold("a", 1000, "missing still");
  expect(objects.pauseMs("a")).toBe(1000);
  expect(objects.pauseMs("b")).toBeNull();
  nowMs = 1000;
  expect(objects.pauseMs("a")).toBeNull();
  expect(objects.pauseMs("a")).toBe(1000);
  objects.free("a");
  objects.free("b");
  expect(objects.pauseMs("a")).toBeNull();
  expect(told).toEqual(["a: missing", "a is there"]);
});
