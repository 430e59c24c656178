import { expect, test } from "vitest";
import { readErrorBody } from "./error-body.ts";

test.each([
  [
    "the flat envelope",
    { error: "RecordNotFound", description: "Not found" },
    { code: "RecordNotFound", text: "Not found" },
  ],
  [
    "the flat envelope with a map of details",
    {
      error: "RecordInvalid",
      description: "Record validation errors",
      details: { base: [{ description: "Name: cannot be blank" }], tier: [{ description: "Tier: is invalid" }] },
    },
    { code: "RecordInvalid", text: "Record validation errors; Name: cannot be blank; Tier: is invalid" },
  ],
  [
    "the nested envelope",
    { error: { title: "Forbidden", message: "Ask the owner" } },
    { code: "Forbidden", text: "Ask the owner" },
  ],
  [
    "the list envelope",
    { errors: [{ code: "InvalidPaginationParameter", title: "Invalid", detail: "page[size]" }] },
    { code: "InvalidPaginationParameter", text: "Invalid: page[size]" },
  ],
  ["a bare error", { error: "Couldn't authenticate you" }, { code: "Couldn't authenticate you" }],
  [
    "OAuth's envelope",
    { error: "invalid_client", error_description: "Client authentication failed" },
    { code: "invalid_client", text: "Client authentication failed" },
  ],
  [
    "plain text",
    " Number of allowed API requests per minute exceeded\n",
    { text: "Number of allowed API requests per minute exceeded" },
  ],
  [
    "a code as long as a page",
    { error: "x".repeat(5000), description: "y".repeat(5000) },
    { code: "x".repeat(100), text: "y".repeat(2000) },
  ],
  ["nothing", null, {}],
  ["an array", [1], {}],
  ["details of another shape", { error: "X", details: { base: "text", other: 7 } }, { code: "X", text: "text" }],
])("%s is read", (_what, body, facts) => {
  expect(readErrorBody(body)).toEqual(facts);
});
