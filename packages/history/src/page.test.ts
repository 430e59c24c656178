import { expect, test } from "vitest";
import { mergePages } from "./page.ts";
import { NewestFirst, type Placed } from "./store/newest-first.ts";
import { OutOfTimeError, type Opened } from "./store/walk.ts";

/** A list of segments, each of one item; `null`: there is no more time. */
function listOf(times: readonly (number | null)[]): NewestFirst<Placed> {
  async function* opened(): AsyncGenerator<Opened, void> {
    for (const micros of times) {
      if (micros === null) throw new OutOfTimeError();
      yield { fromMicros: micros, untilMicros: micros, lines: [String(micros)] };
    }
  }
  return new NewestFirst<Placed>(
    opened(),
    (lines) => lines.map((line) => ({ micros: Number(line) })),
    () => false,
    () => 0,
  );
}

test("where one of two lists runs out of time, the page behind it begins before what stands in line in the other", async () => {
  const wanted = { limit: 50, before: null, isOver: () => false, fromMicros: 0, untilMicros: 1000 };
  const rowsOf = ({ micros }: Placed): readonly number[] => [micros];
  const first = await mergePages([listOf([200, 190, 180, null]), listOf([188, 150, 140])], wanted, rowsOf);
  expect(first.items).toEqual([200, 190]);
  const [untilMicros = 0] = first.next ?? [];
  const rest = await mergePages(
    [listOf([180, 170]), listOf([188, 150, 140])],
    { ...wanted, before: first.next, untilMicros },
    rowsOf,
  );
  expect([...first.items, ...rest.items]).toEqual([200, 190, 188, 180, 170, 150, 140]);
});
