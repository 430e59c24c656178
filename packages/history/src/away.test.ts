import type { Database } from "@sluice/runtime";
import { expect, test } from "vitest";
import { HistoryAwayError, readable } from "./away.ts";

const failed = (name: string, more: object): Error => Object.assign(new Error(name), more);

test.each([
  ["a refused connection", failed("connect", { code: "ECONNREFUSED" }), true],
  ["a connection that was cut", new Error("Connection terminated unexpectedly"), true],
  ["a server that stops", failed("terminating connection", { code: "57P01" }), true],
  ["a full disk", failed("could not extend file", { code: "53100" }), true],
  ["a statement of ours that is wrong", failed("column does not exist", { code: "42703" }), false],
  ["a value of ours that is wrong", failed("invalid input syntax", { code: "22P02" }), false],
  ["a fault of a program", new TypeError("undefined is not a function"), false],
])("%s", async (_name, error, isAway) => {
  const database = { query: async () => await Promise.reject(error) } as unknown as Database;
  const told: unknown = await readable(database)
    .query("select 1")
    .catch((each: unknown) => each);
  expect(told instanceof HistoryAwayError).toBe(isAway);
  expect(isAway ? (told as Error).cause : told).toBe(error);
});
