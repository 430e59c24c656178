import fc from "fast-check";
import { expect, test } from "vitest";

test("a property that names no seed begins with the run's", () => {
  const numbers = fc.array(fc.integer(), { minLength: 5, maxLength: 5 });
  const seed = Number(process.env["SLUICE_TEST_SEED"]);
  const seen: number[][] = [];
  fc.assert(
    fc.property(numbers, (each) => void seen.push(each)),
    { numRuns: 3 },
  );
  expect(seen).toEqual(fc.sample(numbers, { seed, numRuns: 3 }));
});
