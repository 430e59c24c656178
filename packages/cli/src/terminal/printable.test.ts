import { expect, test } from "vitest";
import { printable } from "./printable.ts";
import { table } from "./table.ts";

test("what a terminal would obey is spelled out, and all else stays", () => {
  expect(printable("c-1\u001b[2J\u0007\r\n\u202e Zoë 😀")).toBe("c-1\\u001b[2J\\u0007\\u000d\\u000a\\u202e Zoë 😀");
});

test("no cell of a table moves the cursor, and columns stand where they should", () => {
  const [, , row] = table([
    ["id", "record"],
    ["1", "\u001b[1A"],
  ]).split("\n");
  expect(row).toBe("1   \\u001b[1A");
});
