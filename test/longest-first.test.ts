import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kindOf, LONGEST } from "./longest-first.ts";

test("files that begin first are there, and before those that wait less or not at all", () => {
  expect([...LONGEST].filter((path) => !existsSync(join(import.meta.dirname, "..", path)))).toEqual([]);
  expect([...LONGEST, "test/e2e/hold.test.ts", "packages/record/src/join.test.ts"].map(kindOf)).toEqual([
    ...[...LONGEST].map(() => 0),
    1,
    2,
  ]);
});
