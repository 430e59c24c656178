import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { NO_BROWSER, openBrowser, visit } from "../../services/console/src/page/browser.fixture.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";

/** The page, as somebody sees it who typed `npm start`: every role runs, and the samples have gone through. */
const executable = inject("chromium");
const folder = mkdtempSync(join(tmpdir(), "sluice-console-"));
let up: SluiceProcess;
let ingress: string;
let address: URL;
let browser: Awaited<ReturnType<typeof openBrowser>>;

beforeAll(async () => {
  if (executable === null) return;
  const port = await freePort();
  ingress = `http://127.0.0.1:${port}`;
  up = startSluice(["up", "--samples"], {
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_INGRESS_PORT: String(port),
    SLUICE_WORKER_PORT: "0",
    SLUICE_CONSOLE_PORT: String(await freePort()),
    SLUICE_RECORDS_PORT: String(await freePort()),
  });
  browser = await openBrowser(executable);
  await vi.waitUntil(() => up.output().includes("Sluice runs."), { timeout: 300_000 });
  address = new URL(/http\S+/.exec(up.output())![0]);
});
afterAll(async () => {
  await browser?.close();
  await up?.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

async function look(path = "/") {
  const token = new URLSearchParams(address.hash.slice(1)).get("token")!;
  return await visit(browser, address.origin, { token, path });
}

/** An order as the ERP of the samples sends it. */
function order(number: string, revision: number, more: object): string {
  const id = `${number}-${revision}`;
  return JSON.stringify({ event_id: id, record_type: "order", op: "edit", number, revision, ...more });
}

async function send(body: string): Promise<void> {
  const signature = createHmac("sha256", "sluice-sample-secret-for-erp").update(body).digest("hex");
  const headers = { "content-type": "application/json", "x-erp-signature": `sha256=${signature}` };
  expect((await fetch(`${ingress}/webhooks/erp`, { method: "POST", headers, body })).status).toBe(202);
}

test("what is printed first is an address that signs in, and shows what became of the samples", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  expect(up.output().slice(0, up.output().indexOf(" ingress "))).toContain(address.href);
  const { page, complaints } = await look();
  await page.getByText("Everything is accounted for").waitFor();
  await page.getByRole("link", { name: "by cause" }).click();
  await page.getByRole("link", { name: '$toNumber of "about 1,400"' }).waitFor();
  await page.goto(`${address.origin}/sources/billing`);
  await page.getByText("no row wants it").waitFor();
  expect(complaints).toEqual([]);
});

test("while a destination is held one sees why a record waits, parks it, lets the others go, and puts it back", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  const { page, complaints } = await look("/destinations/crm");
  await page.getByRole("button", { name: "Hold crm" }).click();
  await page.getByLabel("Reason").fill("their upgrade");
  await page.getByRole("button", { name: "Hold it" }).click();
  await page.getByText("“their upgrade”").waitFor();
  await send(order("SO-parked", 1, { status: "open", total: "10.00" }));
  await send(order("SO-free", 1, { status: "open", total: "20.00" }));
  await page.goto(`${address.origin}/records`);
  await page.getByRole("link", { name: "crm/order/erp:SO-parked" }).click();
  await page.getByText("crm is held (an operator: their upgrade)").waitFor();
  await page.getByRole("button", { name: "Park" }).click();
  await page.getByLabel("Reason").fill("a dispute");
  await page.getByRole("dialog").getByRole("button", { name: "Park" }).click();
  await page.getByText("An operator parked it").waitFor();

  await page.goto(`${address.origin}/destinations/crm`);
  await page.getByRole("button", { name: "Resume crm" }).click();
  await page.getByRole("button", { name: "Resume it" }).click();
  await page.getByRole("button", { name: "Hold crm" }).waitFor();
  await page.goto(`${address.origin}/records/crm/order/${encodeURIComponent("erp:SO-free")}`);
  await page.getByText("up to date").waitFor();
  await page.goto(`${address.origin}/records?list=parked`);
  await page.getByRole("link", { name: "crm/order/erp:SO-parked" }).click();
  await page.getByRole("button", { name: "Put back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Put back" }).click();
  await page.getByText("up to date").waitFor();
  expect(complaints).toEqual([]);
});

test("a refused write is mended by an edit, and an event by another, each after its plan was shown", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  await send(order("SO-refused", 1, { status: "lost", total: "10.00" }));
  const { page, complaints } = await look("/letters");
  await page.getByRole("link", { name: /Status: is invalid/ }).click();
  await page.getByRole("link", { name: "erp:SO-refused" }).click();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("status", { exact: true }).fill("shipped");
  await page.getByRole("button", { name: "Plan the replay" }).click();
  await page.getByText("1 would be sent again.").waitFor();
  await page.getByRole("button", { name: "Replay 1" }).click();
  await page.getByText("Done:").waitFor();
  await page.goto(`${address.origin}/records/crm/order/${encodeURIComponent("erp:SO-refused")}`);
  await page.getByText("up to date").waitFor();

  await page.goto(`${address.origin}/letters`);
  await page.getByRole("link", { name: '$toNumber of "about 1,400"' }).click();
  await page.getByRole("link", { name: /^erp-\d+-13$/ }).click();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("data.total", { exact: true }).fill('"1400.00"');
  await page.getByRole("button", { name: "Plan the replay" }).click();
  await page.getByText("1 would be mapped again.").waitFor();
  await page.getByRole("button", { name: "Replay 1" }).click();
  await page.getByText("Done:").waitFor();
  await page.goto(`${address.origin}/letters`);
  await page.getByText("No dead letters").waitFor();
  // A letter that is shown is asked for again when something was done with it, and is gone.
  expect(complaints.filter((each) => !/status of 404/.test(each))).toEqual([]);
});

test("all of a cause are discarded after their plan was shown, and the audit log says who did and why", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  for (const at of [1, 2, 3]) await send(order(`SO-discard-${at}`, 1, { total: `about ${at}` }));
  const { page, complaints } = await look("/letters");
  await page.getByRole("link", { name: /^\$toNumber of "about \d"/ }).click();
  await page.getByRole("button", { name: "Discard all" }).click();
  await page.getByText("3 would be discarded.").waitFor();
  await page.getByLabel("Reason").fill("sent by mistake");
  await page.getByRole("button", { name: "Discard 3" }).click();
  await page.getByText("Done:").waitFor();
  await page.goto(`${address.origin}/audit`);
  await page
    .getByRole("row", { name: /letters.discard.*sent by mistake/ })
    .first()
    .waitFor();
  expect(complaints).toEqual([]);
});

test("what a body would become is tried: expressions, what it loses against, the exact request", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  await send(order("SO-tried", 7, { status: "open", total: "10.00" }));
  const { page, complaints } = await look("/try?source=erp");
  await page.getByLabel("Body").fill(order("SO-tried", 6, { status: "closed", account: "A-1" }));
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("signed body, by secret 1").waitFor();
  await page.getByRole("cell", { name: "'erp:' & data.number" }).waitFor();
  const status = page.getByRole("row", { name: /^status closed/ });
  await status.getByText("is older than what is known").waitFor();
  await status.getByText("version 7 of erp").waitFor();
  await page.getByRole("row", { name: /^customer A-1 would be written/ }).waitFor();
  await page.getByText("/api/v2/custom_objects/order/records?external_id=erp%3ASO-tried").waitFor();
  await page.getByLabel("Source").selectOption("shopify");
  await page.getByLabel("Begin with a sample").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("authentic", { exact: true }).waitFor();
  await page
    .getByRole("heading", { name: /^orders\/|^customers\// })
    .first()
    .waitFor();
  expect(complaints).toEqual([]);
});
