import { HistoryAwayError, MissingKeyError, type History } from "@sluice/history";
import { expect, test } from "vitest";
import { writeCursor } from "../api/cursor.ts";
import { openConsole, TEXT } from "../console.fixture.ts";

/** A history whose every answer is this error. */
function failing(error: Error): History {
  const fail = async (): Promise<never> => {
    throw error;
  };
  return {
    findEvents: fail,
    traceEvent: fail,
    timeline: fail,
    explain: fail,
    close: async () => {},
  } as unknown as History;
}

const PATHS = [
  "/api/events",
  "/api/events/e-1",
  "/api/records/crm/customer/1/trace",
  "/api/records/crm/customer/1/timeline",
];

test.each([
  ["is away", 503, "history_away", new HistoryAwayError(new Error("ECONNREFUSED"))],
  ["is encrypted with a key that is gone", 503, "history_key_missing", new MissingKeyError("0a1b2c3d")],
  ["meets a fault of a program", 500, "internal", new TypeError("undefined is not a function")],
])("a history that %s is answered with %i %s", async (_what, status, code, error) => {
  const { get } = await openConsole(TEXT, failing(error));
  for (const path of PATHS) {
    const answer = await get(path);
    expect([path, answer.status, answer.body.error.code]).toEqual([path, status, code]);
  }
});

test.each([1e300, -1])("a cursor with a time of %d is none of a list's", async (micros) => {
  const { get } = await openConsole(TEXT, failing(new Error("asked")));
  const cursor = writeCursor([micros, 0, 0]);
  for (const path of ["/api/events", "/api/records/crm/customer/1/timeline"]) {
    expect((await get(`${path}?cursor=${cursor}`)).body.error.code).toBe("cursor_invalid");
  }
});

test("without a history the past can't be told", async () => {
  const { get } = await openConsole();
  for (const path of PATHS) expect((await get(path)).body.error.code).toBe("history_off");
});
