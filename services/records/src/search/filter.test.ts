import { afterAll, beforeAll, expect, test } from "vitest";
import { readFilter } from "./filter.ts";

const zone = process.env["TZ"];
beforeAll(() => {
  process.env["TZ"] = "America/New_York";
});
afterAll(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

test("a time without a zone is UTC, wherever the store runs", () => {
  expect(new Date(0).getTimezoneOffset(), "the test's own zone").not.toBe(0);
  for (const text of ["2026-01-01T00:00:00", "2026-01-01 00:00", "2026-01-01T00:00:00Z", "2026-01-01"]) {
    const filter = readFilter({ created_at: { $gt: text } }, { shownFields: [] });
    expect(JSON.stringify(filter), text).toContain('"2026-01-01T00:00:00.000Z"');
  }
});
