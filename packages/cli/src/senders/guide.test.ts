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

test("every sender's page says what to do there, what the secret is, and has a sample", () => {
  for (const { name, guide } of senders()) {
    expect(guide.steps.length, name).toBeGreaterThan(0);
    expect(guide.secret, name).not.toBe("");
    expect(guide.notes.length, name).toBeGreaterThan(0);
  }
});
