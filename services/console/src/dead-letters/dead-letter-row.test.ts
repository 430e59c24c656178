import { expect, test } from "vitest";
import { NAME_FIELD } from "@sluice/record";
import { wholeOf } from "./dead-letter-row.ts";

test("a letter's fields have the names that an edit takes: the record's own is `name`", () => {
  const { change, editable } = wholeOf({
    id: "l1",
    at: "2026-11-28T08:00:00.000Z",
    destination: "crm",
    object: "customer",
    key: { by: "external_id", value: "4711" },
    reason: { code: "status_422", message: "Name: is too long" },
    events: [{ source: "erp", id: "e1" }],
    change: { delete: false, fields: { [NAME_FIELD]: "Ada", tier: "gold" }, aside: { city: "Ulm" } },
  });
  expect(editable).toBe("fields");
  expect(change).toEqual({ delete: false, fields: { name: "Ada", tier: "gold" }, aside: { city: "Ulm" } });
});
