import type { DeadLetter } from "@sluice/queue";
import { expect, test } from "vitest";
import { indexDeadLetters } from "./dead-letter-index.ts";

const letter = (id: string, at = "2026-11-28T21:00:00.000Z"): DeadLetter => ({
  id,
  at,
  destination: "crm",
  object: "customer",
  key: null,
  reason: { code: "x", message: "" },
  events: [],
});

test("letters are read once for questions that come together, the newest first", async () => {
  let readings = 0;
  const index = indexDeadLetters(async function* () {
    readings += 1;
    yield letter("a");
    yield letter("b", "2026-11-28T22:00:00.000Z");
  });
  const both = await Promise.all([index.all(), index.all()]);
  await index.all();
  expect(both.map((each) => each.map(({ id }) => id))).toEqual([
    ["b", "a"],
    ["b", "a"],
  ]);
  expect(readings).toBe(1);
});

test("after an act nobody is told of a reading that began before it, nor is that one kept", async () => {
  const first = Promise.withResolvers<void>();
  let readings = 0;
  const index = indexDeadLetters(async function* () {
    readings += 1;
    if (readings > 1) return yield letter("after");
    await first.promise;
    yield letter("before");
  });
  const before = index.all();
  index.forget();
  expect((await index.all()).map(({ id }) => id)).toEqual(["after"]);
  first.resolve();
  expect((await before).map(({ id }) => id)).toEqual(["before"]);
  expect((await index.all()).map(({ id }) => id)).toEqual(["after"]);
});
