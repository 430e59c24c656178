import { expect, test } from "vitest";
import type { Json } from "@sluice/event";
import { compileExpression, evaluate } from "./expression.ts";

async function yielded(text: string, data: Json): Promise<Json | undefined> {
  return await evaluate(compileExpression(text, "here", [])!, { data }, 0);
}

test.each<[string, Json, Json | undefined]>([
  ["$toNumber(data.n)", {}, undefined],
  ["$toNumber(data.n)", { n: null }, null],
  ["$toNumber(data.n)", { n: "" }, null],
  ["$toNumber(data.n)", { n: " 12.50 " }, 12.5],
  ["$toNumber(data.n)", { n: 0 }, 0],
  ["$toNumber(data.n)", { n: "-.5" }, -0.5],
  ["$toNumber(data.n)", { n: "12345678901234.5678" }, "12345678901234.5678"],
  ["$toNumber(data.n)", { n: "90071992547409931.25" }, "90071992547409931.25"],
  ["$toNumber(data.n)", { n: "9007199254740993" }, "9007199254740993"],
  ["$toNumber(data.n)", { n: "9007199254740992" }, 9007199254740992],
  ["$toNumber(data.n)", { n: "1.0000000000000000000" }, 1],
  ["$toNumber(data.n)", { n: "0.1000000000000000055511151231257827" }, "0.1000000000000000055511151231257827"],
  ["$map(data.n, $toNumber)", { n: ["1", "2"] }, [1, 2]],
  ["$words(data.first, data.last)", {}, undefined],
  ["$words(data.first, data.last)", { first: "Bob" }, "Bob"],
  ["$words(data.first, data.last)", { first: "Bob", last: null }, "Bob"],
  ["$words(data.first, data.last)", { first: null, last: "" }, null],
  ["$words(data.first, data.last)", { first: " Bob ", last: "Moss" }, "Bob Moss"],
  ["$prefixed('erp:', data.id)", {}, undefined],
  ["$prefixed('erp:', data.id)", { id: null }, null],
  ["$prefixed('erp:', data.id)", { id: "" }, null],
  ["$prefixed('erp:', data.id)", { id: false }, null],
  ["$prefixed('erp:', data.id)", { id: 7 }, "erp:7"],
  ["$toText(data.n)", {}, undefined],
  ["$toText(data.n)", { n: "" }, null],
  ["$toText(data.n)", { n: 2 }, "2"],
  ["$toDate(data.d)", {}, undefined],
  ["$toDate(data.d)", { d: null }, null],
  ["$toDate(data.d)", { d: "" }, null],
  ["$toDate(data.d)", { d: "2026-11-05T23:30:00-05:00" }, "2026-11-05"],
  ["$toDate(data.d)", { d: "2026-11-05" }, "2026-11-05"],
  ["$toDate(data.d)", { d: "/Date(-86400000)/" }, "1969-12-31"],
  ["$toDate(data.d)", { d: "11/5/2026" }, undefined],
  ["$toDate(data.d)", { d: "2026-02-30" }, undefined],
  ["$toDate(data.d)", { d: 20261105 }, undefined],
  ["$filled(data.x)", {}, undefined],
  ["$filled(data.x)", { x: false }, null],
  ["$filled(data.x)", { x: 0 }, 0],
])("%s of %j", async (text, data, value) => {
  expect(await yielded(text, data)).toEqual(value);
});

test.each([
  ["$toNumber(data.n)", { n: "much" }, '$toNumber of "much", which is no number'],
  ["$toNumber(data.n)", { n: {} }, "$toNumber of {}, which is no number"],
  ["$prefixed('erp:', data.n)", { n: {} }, "$prefixed of {}, which is neither a text nor a number"],
])("%s of %j is an error that says so", async (text, data, message) => {
  await expect(async () => await yielded(text, data as Json)).rejects.toThrow(message);
});
