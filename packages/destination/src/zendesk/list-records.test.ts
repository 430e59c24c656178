import type { RecordKey } from "@sluice/record";
import { expect, test } from "vitest";
import { askedTogether } from "./list-records.ts";

const key = (value: string, by: RecordKey["by"] = "external_id"): RecordKey => ({ by, value });

test("a list asks for a hundred short ids at most", () => {
  const keys = Array.from({ length: 250 }, (_, at) => key(String(at)));
  const requests = askedTogether(keys);
  expect(requests.map((each) => each.length)).toEqual([100, 100, 50]);
  expect(requests.flat()).toEqual(keys);
});

test("names, and ids that would be two ids of a list, are asked for in none", () => {
  expect(askedTogether([key("a"), key("b", "name"), key("c,d"), key("e")])).toEqual([[key("a"), key("e")]]);
});
