import { expect, test } from "vitest";
import { bytes, count, countWithNoun, rate } from "./figures.ts";

test("figures are short, and lose nothing that matters", () => {
  expect([count(1_234_567), rate(0.44), rate(12.4), rate(0)]).toEqual(["1,234,567", "0.4", "12", "0"]);
  expect([bytes(0), bytes(512), bytes(182_400_000), bytes(2e9)]).toEqual(["0 B", "512 B", "182.4 MB", "2 GB"]);
  expect([countWithNoun(1, "record"), countWithNoun(2, "record"), countWithNoun(0, "reply", "replies")]).toEqual([
    "1 record",
    "2 records",
    "0 replies",
  ]);
});
