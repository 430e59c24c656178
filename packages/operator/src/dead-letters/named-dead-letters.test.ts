import type { DeadLetter } from "@sluice/queue";
import { expect, test } from "vitest";
import { LIMITS } from "../limits.ts";
import { nameDeadLetters } from "./named-dead-letters.ts";

const letter = (key: string | null): DeadLetter => ({
  id: "l",
  at: "",
  destination: "crm",
  object: "customer",
  key: key === null ? null : { by: "external_id", value: key },
  reason: { code: "x", message: "" },
  events: [{ source: "erp", id: `e-${key}` }],
});

test("an act names its letters by record and event, and the rest by their number", () => {
  const few = nameDeadLetters();
  few.add(letter("1"));
  few.add(letter(null));
  expect(few.named()).toEqual({
    records: [{ destination: "crm", object: "customer", key: "1" }],
    events: [
      { source: "erp", id: "e-1" },
      { source: "erp", id: "e-null" },
    ],
    more: 0,
  });
  const many = nameDeadLetters();
  for (let at = 0; at < 1000; at++) many.add(letter(String(at)));
  const { records, more } = many.named();
  expect(records.length).toBeGreaterThan(10);
  expect(records.length + more).toBe(1000);
  expect(JSON.stringify(many.named()).length).toBeLessThan(LIMITS.namedCharacters + 100);
});
