import { expect, test } from "vitest";
import { whatFollows } from "./hold.ts";

const held = (forMs: number | null) => ({ hold: { forMs, reason: "breaker", note: "" }, allowed: 1 });

test.each([
  ["it flows", { hold: null, allowed: null }, 3, /^and flows again\.$/],
  ["nothing waits that could try", { hold: null, allowed: 1 }, 0, /^and flows again\.$/],
  ["the request that tries is under way", { hold: null, allowed: 1 }, 3, /one request is under way/],
  [
    "it is held again",
    held(9500),
    3,
    /^and is held again \(breaker\): the next request tries in 10 s, at 1970-01-01T00:00:09.500Z\.$/,
  ],
  ["it is held again without an end", held(null), 3, /^and is held again \(breaker\): until it is resumed/],
])("sluice resume says: %s", (_what, gate, pendingRecords, expected) => {
  expect(whatFollows({ gate, pendingRecords }, 0)).toMatch(expected);
});
