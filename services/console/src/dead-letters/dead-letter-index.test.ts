import { expect, test } from "vitest";
import { indexDeadLetters } from "./dead-letter-index.ts";
import { letterOf } from "./dead-letter.fixture.ts";

test("letters are read once for questions that come together, the newest first", async () => {
  let readings = 0;
  const index = indexDeadLetters(async function* () {
    readings += 1;
    yield letterOf("a");
    yield letterOf("b", "2026-11-29T22:00:00.000Z");
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
    if (readings > 1) return yield letterOf("after");
    await first.promise;
    yield letterOf("before");
  });
  const before = index.all();
  index.forget();
  expect((await index.all()).map(({ id }) => id)).toEqual(["after"]);
  first.resolve();
  expect((await before).map(({ id }) => id)).toEqual(["before"]);
  expect((await index.all()).map(({ id }) => id)).toEqual(["after"]);
});
