import { expect, test } from "vitest";
import { toldWithoutLoss, untold } from "./told.ts";

const LOSS = { kind: "failover", fromMs: 100_000, atMs: 102_000 } as const;
const ACKNOWLEDGED = [101_000];

test.for<[string, readonly number[], readonly number[], boolean]>([
  ["told at once", ACKNOWLEDGED, [102_500], false],
  ["told by a process that was away for half a minute", ACKNOWLEDGED, [132_000], false],
  ["told by nobody", ACKNOWLEDGED, [], true],
  ["told minutes later", ACKNOWLEDGED, [300_000], true],
  ["told before it was", ACKNOWLEDGED, [90_000], true],
  ["told by nobody, and nothing was acknowledged meanwhile", [99_000, 103_000], [], false],
])("a loss that is %s", ([, heardAtMs, toldAtMs, isFound]) => {
  expect(untold([LOSS], heardAtMs, toldAtMs)).toHaveLength(isFound ? 1 : 0);
});

test("a replica that took over may have had everything: nobody need tell of it", () => {
  expect(untold([{ ...LOSS, kind: "death" }], ACKNOWLEDGED, [])).toEqual([]);
});

test("a loss that is told before there was any is found, and one that is told again is not", () => {
  expect(toldWithoutLoss([], [102_500])).toHaveLength(1);
  expect(toldWithoutLoss([LOSS], [90_000, 102_500, 300_000])).toHaveLength(1);
});
