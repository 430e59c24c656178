import type { EventFilter, History } from "@sluice/history";
import { expect, inject, test } from "vitest";
import { openConsole, TEXT } from "../console.fixture.ts";
import { browserOfFile, hindrancesOf, LOOKED_AT, NO_BROWSER, visit } from "./browser.fixture.ts";

const executable = inject("chromium");
const own = browserOfFile();

const DAY_MS = 86_400_000;

/** A history in which the bodies of the last day are others than those of the week before. */
function changedHistory(before: object, now: object): History {
  async function* webhooks({ sinceMs = 0 }: EventFilter) {
    const body = JSON.stringify(sinceMs < Date.now() - 2 * DAY_MS ? before : now);
    const events = [{ type: "customer.updated" }];
    for (let at = 0; at < 25; at += 1) yield { webhook: { events, request: { body, isCut: false, redacted: [] } } };
  }
  return { webhooks, close: async () => {} } as unknown as History;
}

const BODY = { data: { id: "4711", tier: "gold", balance: 12.5 } };

test("a source's view tells which fields are new, gone or of another kind than a week before, and hinders nobody", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  const { url, queue } = await openConsole(
    TEXT,
    changedHistory(BODY, { data: { id: "4711", balance: "12.50", segment: "a" } }),
  );
  await queue.intake.usedSecrets.note(["erp 1"], Date.now());
  const { page, complaints } = await visit(own.browser, url, { bypassCSP: true, path: "/sources/erp" });
  await page.getByRole("row", { name: /^number 1 until it is taken out (?:just now|\d+ s ago)$/ }).waitFor();
  await page.getByRole("heading", { name: "Fields since last week" }).waitFor();
  for (const row of [
    "data.balance customer.updated of another kind number text",
    "data.segment customer.updated new – text",
    "data.tier customer.updated gone text –",
  ]) {
    await page.getByRole("row", { name: row }).waitFor();
  }
  expect(await page.getByRole("row", { name: /^data\.id/ }).count()).toBe(0);
  await page.setViewportSize(LOOKED_AT.viewport!);
  expect(await hindrancesOf(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test("where nothing drifted that is said too", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { url } = await openConsole(TEXT, changedHistory(BODY, BODY));
  const { page } = await visit(own.browser, url, { path: "/sources/erp" });
  await page.getByText("None was seen that is new, gone or of another kind.").waitFor();
});
