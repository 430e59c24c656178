import { assert as assertProperty, array, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { ULID, ulids } from "./ulid.ts";

const ZEROS = (count: number) => new Uint8Array(count);

test("ids sort in the order in which they were made, even when the clock stands still or goes back", () => {
  assertProperty(
    property(array(integer({ min: 0, max: 2 ** 47 }), { minLength: 2, maxLength: 50 }), (times) => {
      let at = 0;
      const next = ulids(
        () => times[at++] ?? 0,
        (count) => new Uint8Array(count).fill(255),
      );
      const ids = times.map(next);
      expect(ids.every((id) => ULID.test(id))).toBe(true);
      expect(ids.toSorted()).toEqual(ids);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test("the time stands in front", () => {
  expect(ulids(() => 1469918176385, ZEROS)()).toBe("01ARYZ6S410000000000000000");
});
