import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { NO_BROWSER } from "../../services/console/src/page/browser.fixture.ts";
import { grave, openSeenSluice, order, type SeenSluice } from "./seen-sluice.fixture.ts";

const executable = inject("chromium");
const folder = mkdtempSync(join(tmpdir(), "sluice-replay-"));
const configuration = join(folder, "sluice.yaml");
let seen: SeenSluice;

beforeAll(async () => {
  if (executable === null) return;
  copyFileSync(new URL("../../sluice.yaml", import.meta.url), configuration);
  seen = await openSeenSluice(executable, configuration);
});
afterAll(async () => {
  await seen?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("past events are replayed under a mapping that was mended, after a plan that says what would change", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  await seen.send(order("SO-replayed", 1, { status: "open", total: "10.00", account: "ACME" }));
  const { page, complaints } = await seen.look("/events?source=erp&key=erp%3ASO-replayed");
  await page.getByRole("row", { name: /SO-replayed-1 order.edit erp applied/ }).waitFor();
  const text = readFileSync(configuration, "utf8");
  const mended = text.replace("customer: data.account }", `customer: "'A-' & data.account" }`);
  expect(mended).not.toBe(text);
  writeFileSync(configuration, mended);
  await page.goto(`${seen.address.origin}/sources/erp`);
  await page.getByText("'A-' & data.account").first().waitFor({ state: "attached" });

  await page.goto(`${seen.address.origin}/events?source=erp&key=erp%3ASO-replayed`);
  await page.getByRole("link", { name: "Replay these" }).click();
  await page.getByRole("button", { name: "Plan it" }).click();
  await page.getByText("would bring other values").waitFor();
  await page.getByText("customer ACME → A-ACME").waitFor();
  await page.getByRole("button", { name: "Run it" }).click();
  await page.getByLabel("Reason").fill("accounts have a prefix");
  await page.getByRole("dialog").getByRole("button", { name: "Run it" }).click();
  await page.getByText("Done: 1 of 1 webhooks").waitFor();
  await page.goto(`${seen.address.origin}/records/crm/order/erp%3ASO-replayed`);
  const customer = page.locator(".fields > li").filter({ has: page.getByRole("heading", { name: "customer" }) });
  await customer.getByText("A-ACME confirmed").waitFor();
  await customer.getByText("1 earlier value").waitFor();
  expect(grave(complaints)).toEqual([]);
});
