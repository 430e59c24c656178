import { expect, test } from "vitest";
import { LIMITS } from "../limits.ts";
import type { KeptReplay, Wish } from "./kept-replays.ts";
import { staleOf, stateOf } from "./shown-replay.ts";

const NOW_MS = 1_793_520_000_000;

function kept(more: Partial<KeptReplay> = {}): KeptReplay {
  return {
    id: "r",
    by: "operator",
    createdAt: "2026-11-01T08:00:00.000Z",
    filter: {},
    unchanged: "skip",
    state: "planned",
    looked: { webhooks: 0, at: null },
    expiresAtMs: NOW_MS + LIMITS.replayPlanMs,
    digests: { erp: "d" },
    place: null,
    progress: null,
    error: null,
    toldMs: NOW_MS,
    ...more,
  };
}

const RUN: Wish = { word: "run", run: 3 };

test.each<[KeptReplay["state"], Wish["word"] | null, string]>([
  ["planning", null, "planning"],
  ["planning", "abort", "aborted"],
  ["planned", null, "planned"],
  ["planned", "run", "running"],
  ["planned", "pause", "paused"],
  ["planned", "abort", "aborted"],
  ["done", "run", "done"],
  // It had ended before it was asked to.
  ["done", "abort", "done"],
  ["failed", "run", "failed"],
])("one that is %s, of which people wish %s, is %s", (state, word, shown) => {
  const wish = word === null ? null : { word, run: null };
  expect(stateOf(kept({ state }), { wish, nowMs: NOW_MS })).toBe(shown);
});

test("one whose planner says nothing any more has failed", () => {
  const silent = kept({ state: "planning", toldMs: NOW_MS - LIMITS.replaySilentMs - 1 });
  expect(stateOf(silent, { wish: null, nowMs: NOW_MS })).toBe("failed");
});

test("a plan is stale once its source means something else, or after its time; one that runs has all the time", () => {
  const at = (nowMs: number, digest = "d", wish: Wish | null = null): string | null =>
    staleOf(kept(), { wish, digests: { erp: digest, shop: "new" }, nowMs });
  expect(at(NOW_MS)).toBeNull();
  expect(at(NOW_MS, "other")).toContain("erp");
  expect(at(NOW_MS, "other", RUN)).toContain("erp");
  expect(at(NOW_MS + LIMITS.replayPlanMs + 1)).toContain("since it was planned");
  expect(at(NOW_MS + LIMITS.replayPlanMs + 1, "d", RUN)).toBeNull();
});
