import { afterEach, expect, test, vi } from "vitest";
import { LIMITS } from "../limits.ts";
import { tellUsedSecrets } from "./used-secrets.ts";

afterEach(() => void vi.useRealTimers());

test("however many requests are made with a secret, the fleet is told once in a while, and not of secrets that rest", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  const counted: string[] = [];
  const told: [string[], number][] = [];
  const metrics = {
    stored() {},
    refused() {},
    secretMatched: (source: string, secret: number) => void counted.push(`${source} ${secret}`),
  };
  const note = async (names: Iterable<string>, nowMs: number) => void told.push([[...names], nowMs]);
  let nowMs = 1;
  const { metrics: both, close } = tellUsedSecrets(
    metrics,
    { intake: { usedSecrets: { note } } } as never,
    () => nowMs,
  );
  for (let request = 0; request < 1000; request++) both.secretMatched("erp", 1);
  both.secretMatched("shop", 2);
  await vi.advanceTimersByTimeAsync(LIMITS.secretsToldEveryMs);
  nowMs = 2;
  await vi.advanceTimersByTimeAsync(LIMITS.secretsToldEveryMs);
  both.secretMatched("shop", 2);
  await vi.advanceTimersByTimeAsync(LIMITS.secretsToldEveryMs);
  expect(told).toEqual([
    [["erp 1", "shop 2"], 1],
    [["shop 2"], 2],
  ]);
  // The process' own metrics count every request.
  expect(counted).toHaveLength(1002);
  close();
  both.secretMatched("erp", 1);
  await vi.advanceTimersByTimeAsync(LIMITS.secretsToldEveryMs);
  expect(told).toHaveLength(2);
});
