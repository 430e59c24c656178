import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

function shown(stream: { readonly isTTY?: boolean; readonly columns?: number }): string[] {
  const written: string[] = [];
  const progress = createProgress({ ...stream, write: (text) => written.push(text) }, () => 0);
  progress.show("looking through the history");
  return written;
}

test("a line of progress is no longer than the terminal is wide, since only its last row would be written over", () => {
  expect(shown({ isTTY: true, columns: 10 })).toEqual(["\r\u001B[2Klooking t"]);
});

test("a line of progress is shown on a terminal that says no size", () => {
  expect(shown({ isTTY: true, columns: 0 })).toEqual(["\r\u001B[2Klooking through the history"]);
});

test("elsewhere a line of progress is whole", () => {
  expect(shown({ columns: 10 })).toEqual(["looking through the history\n"]);
});
