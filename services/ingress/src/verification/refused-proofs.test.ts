import { afterEach, expect, test, vi } from "vitest";
import { LIMITS } from "../limits.ts";
import { tellRefusedProofs } from "./refused-proofs.ts";

afterEach(() => void vi.useRealTimers());

test("however many requests are not authentic, the fleet is told a number by source and reason once in a while", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  const counted: string[] = [];
  const told: [string, number][][] = [];
  const metrics = {
    stored() {},
    secretMatched() {},
    refused: (source: string, reason: string) => void counted.push(`${source} ${reason}`),
  };
  const add = async (counts: ReadonlyMap<string, number>) => void told.push([...counts]);
  const { metrics: both, close } = tellRefusedProofs(metrics, { intake: { refused: { add } } } as never, () => 0);
  for (let request = 0; request < 1000; request++) both.refused("erp", "signature_wrong");
  both.refused("erp", "body_unreadable");
  both.refused("shop", "timestamp_stale");
  await vi.advanceTimersByTimeAsync(LIMITS.refusedToldEveryMs);
  await vi.advanceTimersByTimeAsync(LIMITS.refusedToldEveryMs);
  expect(told).toEqual([
    [
      ["erp signature_wrong", 1000],
      ["shop timestamp_stale", 1],
    ],
  ]);
  // The process' own metrics count every refusal.
  expect(counted).toHaveLength(1002);
  close();
});
