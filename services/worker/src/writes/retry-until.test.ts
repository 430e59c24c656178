import { beforeEach, expect, test } from "vitest";
import { createOutcomes } from "./outcome.ts";
import type { Exchange } from "@sluice/destination";
import type { ClaimedWrite } from "./write.ts";
import type { Claim, Lane } from "@sluice/queue";
import { DEFAULT_RETRY } from "@sluice/record";
import { createLog } from "@sluice/runtime";
import { retryUntil } from "./retry-until.ts";

const READONLY = new Error("READONLY You can't write against a read only replica.");

let nowMs = 0;
beforeEach(() => void (nowMs = 0));
const CLOCK = { nowMs: () => nowMs, pause: async (ms: number) => void (nowMs += ms) };

test("how a flight ended is told until it is heard, and its fault once", async () => {
  const faults: unknown[] = [];
  let tries = 0;
  const told = retryUntil(
    async () => {
      tries += 1;
      if (tries < 5) throw READONLY;
      return "quiet";
    },
    { ...CLOCK, untilMs: 30_000, onFault: (error) => faults.push(error) },
  );
  expect(await told).toEqual({ answer: "quiet", again: true });
  expect(faults).toEqual([READONLY]);
});

test("pauses double up to a second", async () => {
  const pauses: number[] = [];
  const pause = async (ms: number): Promise<void> => void (pauses.push(ms), (nowMs += ms));
  const told = retryUntil(async () => await Promise.reject(READONLY), {
    ...{ ...CLOCK, pause, untilMs: 3550, onFault: () => {} },
  });
  await expect(told).rejects.toBe(READONLY);
  expect(pauses).toEqual([50, 100, 200, 400, 800, 1000, 1000]);
});

test("after its time it is given up with the last fault", async () => {
  const told = retryUntil(async () => await Promise.reject(READONLY), {
    ...CLOCK,
    untilMs: 5000,
    onFault: () => {},
  }).catch((error: unknown) => error);
  expect(await told).toBe(READONLY);
  expect(nowMs).toBeLessThanOrEqual(5000);
});

test("a write that was confirmed is settled once Redis takes it, and is not taken for late", async () => {
  let tries = 0;
  const late: unknown[] = [];
  const settled: number[] = [];
  const ended: string[] = [];
  const lane = {
    async settleFields() {
      tries += 1;
      if (tries < 3) throw READONLY;
      // The first try had been carried out, and its answer was lost.
      return "lost";
    },
  } as unknown as Lane;
  const outcomes = createOutcomes({
    lane,
    retry: DEFAULT_RETRY,
    clock: { nowMs: () => Date.now() },
    random: () => 0.5,
    log: createLog({ role: "test", level: "silent" }),
    objects: { pauseMs: () => null, hold() {}, free() {} },
    fences: () => false,
    onLate: async (claim) => void late.push(claim),
    onSettled: (seconds) => settled.push(seconds),
    onFault: () => {},
    onEnded: (_write, _exchange, _trip, { verdict }) => void ended.push(verdict),
  });
  const snapshot = { deletion: null, fields: new Map(), open: new Map() };
  const write = {
    effect: "fields",
    claim: { object: "o", snapshot, sinceMs: 0 } as unknown as Claim,
  } satisfies ClaimedWrite;
  const exchange: Exchange = { answer: { kind: "done" }, status: "200", shown: null };
  const done = outcomes.carryOut(write, exchange, { kind: "settle", health: "good" }, false, null);
  await done;
  expect({ tries, late, settled: settled.length }).toEqual({ tries: 3, late: [], settled: 1 });
  expect(ended).toEqual(["settled"]);
});
