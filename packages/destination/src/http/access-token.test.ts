import { expect, test } from "vitest";
import { readAccessToken } from "./access-token.ts";

const said = (more: object) =>
  readAccessToken({ status: 200, body: { access_token: "t", ...more }, headers: {} } as never, 1000)?.endsAtMs;

test.each([
  [3600, 3_601_000],
  ["3600", 3_601_000],
  [undefined, null],
  [0, null],
  ["soon", null],
])("a token that says it lasts for %s seconds ends then, or at no known time", (seconds, endsAtMs) => {
  expect(said({ expires_in: seconds })).toBe(endsAtMs);
});
