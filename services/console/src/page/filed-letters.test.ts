import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { openHistory } from "@sluice/history";
import { createLog, openDatabase } from "@sluice/runtime";
import { openConsole, TEXT } from "../console.fixture.ts";
import { browserOfFile, NO_BROWSER, visit } from "./browser.fixture.ts";

const executable = inject("chromium");
const own = browserOfFile();

/** A console beside a worker that files: most of forty letters of 50 kB leave their 3 MB of room. */
async function openFiled() {
  const dataDir = mkdtempSync(join(inject("folder"), "letters-"));
  cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  const database = await openDatabase({ dataDir, log: createLog({ role: "test", level: "silent" }) });
  const history = openHistory({ open: async () => await Promise.resolve(database), isOwn: false });
  onTestFinished(async () => await database.close().catch(() => {}));
  const run = await openConsole(`redis_memory_budget: 48mb\n${TEXT}`, history);
  const filing = run.queue.letters.file({
    archive: history.letters,
    mayFile: { source: () => true, letter: () => true },
    onDropped() {},
    onError() {},
  });
  onTestFinished(() => filing.close());
  await run.fail(
    Array.from({ length: 40 }, (_, at) => `n${at}`),
    "x".repeat(50_000),
  );
  const filed = async (): Promise<number> => (await run.queue.letters.filed.counts())[0]?.letters ?? 0;
  await expect.poll(filed).toBeGreaterThan(20);
  return { ...run, database };
}

test("letters in the history are counted, paged, shown, planned and discarded with the others", async () => {
  const { get, post } = await openFiled();
  // The list of those in Redis is a second old at most.
  await expect.poll(async () => (await get("/api/letters/groups")).body.letters).toBe(40);
  const { groups, letters, unreached } = (await get("/api/letters/groups")).body;
  expect([letters, unreached, groups]).toMatchObject([40, 0, [{ count: 40, sources: ["erp"] }]]);
  const ids: string[] = [];
  for (let next: string | null = ""; next !== null;) {
    const { body } = await get(`/api/letters?limit=15&group=${groups[0].id}${next === "" ? "" : `&cursor=${next}`}`);
    ids.push(...body.items.map(({ id }: { id: string }) => id));
    next = body.next;
  }
  expect([ids.length, new Set(ids).size]).toEqual([40, 40]);
  expect((await get(`/api/letters/${ids.at(-1)}`)).body).toMatchObject({
    kind: "event",
    event: { data: { tier: "gold" } },
  });
  const selection = { filter: { group: groups[0].id } };
  const { body: plan } = await post("/api/letters/plan", { act: "discard", selection });
  expect(plan).toMatchObject({ letters: 40, more: 0, would: { discard: 40 } });
  const { body: task } = await post("/api/letters/carry-out", { plan: plan.plan });
  await expect.poll(async () => (await get(`/api/tasks/${task.id}`)).body.results).toEqual({ discarded: 40 });
  expect((await get("/api/letters/groups")).body).toMatchObject({ letters: 0, groups: [] });
});

test("a history that went away is told with the number of its letters, and those of Redis are listed", async ({
  skip,
}) => {
  const { url, get, database } = await openFiled();
  await database.close();
  // The list of those in Redis is a second old at most.
  const groups = async () => (await get("/api/letters/groups")).body;
  await expect.poll(async () => await groups().then(({ letters, unreached }) => letters + unreached)).toBe(40);
  const { unreached } = await groups();
  expect(unreached).toBeGreaterThan(20);
  skip(executable === null, NO_BROWSER);
  const { page } = await visit(own.browser, url, { path: "/letters" });
  await page.getByText(`${unreached} more dead letters in the history, which can’t be asked now.`).waitFor();
});

test("the page shows a letter that left, and discards all of its cause", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { url, get } = await openFiled();
  const [cause] = (await get("/api/letters/groups")).body.groups;
  const { body } = await get(`/api/letters?limit=40`);
  const { page, complaints } = await visit(own.browser, url, { path: `/letters/cause/${cause.id}` });
  await page.getByRole("button", { name: "Discard all" }).waitFor();
  await page.goto(`${url}/letters/${body.items.at(-1).id}`);
  await page.getByText("The event").first().waitFor();
  await page.goto(`${url}/letters/cause/${cause.id}`);
  await page.getByRole("button", { name: "Discard all" }).click();
  await page.getByRole("button", { name: "Discard 40" }).click();
  await page.getByText("None of them is left").waitFor();
  expect(complaints).toEqual([]);
});
