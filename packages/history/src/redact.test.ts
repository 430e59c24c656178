import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "@sluice/event";
import { readPath, redact } from "./redact.ts";

const BODY: Json = {
  type: "customer.updated",
  data: { id: "7", email: "ada@example.com", tier: "gold", orders: [{ card: "4242", total: 12 }, { total: 0 }] },
};

test.each<[string, readonly string[], Json]>([
  ["nothing", [], BODY],
  ["a path that is not there", ["data.phone", "type.name", "data.email.user"], BODY],
  [
    "a value by its path, and no other",
    ["data.email"],
    {
      type: "customer.updated",
      data: { id: "7", email: "[redacted]", tier: "gold", orders: [{ card: "4242", total: 12 }, { total: 0 }] },
    },
  ],
  [
    "a member of each element of a list",
    ["data.orders.card", "data.orders.total"],
    {
      type: "customer.updated",
      data: {
        id: "7",
        email: "ada@example.com",
        tier: "gold",
        orders: [{ card: "[redacted]", total: 0 }, { total: 1 }],
      },
    },
  ],
  [
    "any member, and all that is below it",
    ["*"],
    {
      type: "[redacted]",
      data: {
        id: "[redacted]",
        email: "[redacted]",
        tier: "[redacted]",
        orders: [{ card: "[redacted]", total: 0 }, { total: 1 }],
      },
    },
  ],
])("%s", (_, paths, meant) => {
  expect(redact(BODY, paths.map(readPath))).toEqual(meant);
});

test("a body that is a list is gone through too", () => {
  expect(redact([{ email: "a@b" }, { email: "c@d", id: 1 }], [["email"]])).toEqual([
    { email: "[redacted]" },
    { email: "[redacted]", id: 1 },
  ]);
});

test("every value turns out differently, so that whatever is made of it does", () => {
  const scalar = fc.oneof(fc.string(), fc.constant("[redacted]"), fc.integer(), fc.boolean(), fc.constant(null));
  fc.assert(
    fc.property(scalar, (value) => {
      const { told, kept } = redact({ told: value, kept: value }, [["told"]]) as Record<string, Json>;
      expect(told).not.toEqual(value);
      expect(kept).toEqual(value);
    }),
    { seed: Number(process.env["SLUICE_TEST_SEED"]) },
  );
});
