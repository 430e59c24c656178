import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { removeLeft } from "./run-folder.ts";

test("folders of runs that are over are removed, and none that a run may still use", () => {
  const place = mkdtempSync(join(inject("folder"), "left-"));
  const gone = spawnSync("true").pid;
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  for (const [name, at] of [
    [`sluice-test-${gone}-over`, longAgo],
    [`sluice-test-${gone}-of-another-container`, new Date()],
    [`sluice-test-${process.pid}-lives`, longAgo],
    ["somebody-else", longAgo],
  ] as const) {
    mkdirSync(join(place, name, "data"), { recursive: true });
    utimesSync(join(place, name), at, at);
  }
  removeLeft(place);
  expect(readdirSync(place).toSorted()).toEqual(
    ["somebody-else", `sluice-test-${process.pid}-lives`, `sluice-test-${gone}-of-another-container`].toSorted(),
  );
});
