import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { senders } from "@sluice/event";
import { expect, test } from "vitest";
import { guidePages } from "./guide.ts";

const FOLDER = fileURLToPath(new URL("../../../../docs/senders/", import.meta.url));

test("docs/senders is what the senders' data gives: `sluice schemes --guides docs/senders` makes it anew", () => {
  const pages = guidePages(senders());
  expect(readdirSync(FOLDER).toSorted()).toEqual(pages.map(({ file }) => file).toSorted());
  for (const { file, text } of pages) expect(readFileSync(`${FOLDER}${file}`, "utf8"), file).toBe(text);
});

test.each([
  [
    "shopify",
    "`header:x-shopify-webhook-id`, `header:x-shopify-event-id` | seconds | the event's time (milliseconds), then arrival",
  ],
  ["stripe", "`id` | seconds | arrival"],
  ["woocommerce", "made with `header:x-wc-webhook-delivery-id` | seconds | arrival"],
  ["frappe", "made | microseconds | arrival"],
  ["attio", "`header:idempotency-key:index` | none | arrival"],
  ["salesforce-cdc", "milliseconds | the event's time (microseconds), then arrival"],
  ["workato", "the builder's | seconds | arrival"],
])("the page on identity says of %s: %s", (name, said) => {
  const page = guidePages(senders()).find(({ file }) => file === "identity.md")?.text ?? "";
  const row = page.split("\n").find((line) => line.includes(`(${name}.md)`));
  expect(row).toContain(`${said} |`);
});

test("every sender's page says what to do there, what the secret is, and has a sample", () => {
  for (const { name, guide } of senders()) {
    expect(guide.steps.length, name).toBeGreaterThan(0);
    expect(guide.secret, name).not.toBe("");
    expect(guide.notes.length, name).toBeGreaterThan(0);
  }
});
