import type { History } from "@sluice/history";
import type { Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { openConsole, TEXT } from "../console.fixture.ts";
import type { Reconcile } from "../contract/reconcile.ts";
import { browserOfFile, hindrancesOf, LOOKED_AT, NO_BROWSER, visit } from "./browser.fixture.ts";

/** The views of reconciles in every state: test/e2e/reconcile.test.ts does real ones. */
const executable = inject("chromium");
const own = browserOfFile();

const NOTHING = { missing: 0, different: 0, returned: 0 };
const NO_REPAIRS = { none: 0, asked: 0, mended: 0, blind: 0, unknown: 0, returned: 0 };
const REPORT: NonNullable<Reconcile["report"]> = {
  compared: 700,
  same: 700,
  found: NOTHING,
  doubtful: 0,
  editedThere: 0,
  repairs: NO_REPAIRS,
  skipped: { pending: 0, dead: 0, unasked: 0, unknown: 0 },
  unknownFields: 0,
  doubtfulUnknown: 0,
  findings: [],
};
const RUNNING: Reconcile = {
  id: "r1",
  state: "running",
  by: "operator",
  destination: "crm",
  object: null,
  sample: null,
  repair: false,
  startedAt: "2026-11-28T11:00:00.000Z",
  endedAt: null,
  stage: "comparing",
  waitsFor: "backfill",
  report: REPORT,
  error: null,
};
const DONE: Reconcile = { ...RUNNING, state: "done", waitsFor: null, endedAt: RUNNING.startedAt };

function record(key: string) {
  return { destination: "crm", object: "customer", by: "external_id", key } as const;
}

const FOUND: Reconcile = {
  ...DONE,
  report: {
    ...REPORT,
    compared: 1_000,
    same: 997,
    found: { missing: 1, different: 1, returned: 1 },
    doubtful: 1,
    editedThere: 1,
    repairs: { ...NO_REPAIRS, none: 3 },
    skipped: { pending: 2, dead: 1, unasked: 0, unknown: 4 },
    unknownFields: 5,
    findings: [
      {
        ...{ record: record("c-1"), finding: "missing", fields: [], unknown: ["city"], isDoubtful: false },
        ...{ isEditedThere: null, repair: "none" },
      },
      {
        record: record("c-2"),
        finding: "different",
        fields: [{ field: "tier", confirmed: "gold", found: "by hand" }],
        ...{ unknown: [], isDoubtful: true, isEditedThere: true, repair: "none" },
      },
      {
        ...{ record: record("c-3"), finding: "returned", fields: [], unknown: [], isDoubtful: false },
        ...{ isEditedThere: null, repair: "none" },
      },
    ],
  },
};
const MENDED: Reconcile = {
  ...FOUND,
  id: "r2",
  repair: true,
  report: {
    ...FOUND.report!,
    repairs: { ...NO_REPAIRS, mended: 2, returned: 1 },
    findings: FOUND.report!.findings.map((each) => ({
      ...each,
      repair: each.finding === "returned" ? ("returned" as const) : ("mended" as const),
    })),
  },
};

/** A page whose API has one reconcile. */
async function reconcilePage(
  first: Reconcile,
  options: Parameters<typeof visit>[2] = {},
): Promise<{
  page: Page;
  url: string;
  complaints: readonly string[];
  acts: string[];
  show: (next: Reconcile) => void;
}> {
  const { url } = await openConsole(TEXT, { close: async () => {} } as unknown as History);
  const { page, complaints } = await visit(own.browser, url, options);
  const acts: string[] = [];
  let shown = first;
  await page.route("**/api/reconciles**", async (route) => {
    const request = route.request();
    const act = new URL(request.url()).pathname.split("/")[4];
    if (request.method() === "POST") {
      const body = request.postDataJSON() as { readonly repair?: boolean };
      acts.push(`${act ?? "begin"} ${JSON.stringify(body)}`);
      shown = act === "abort" ? { ...DONE, state: "aborted" } : body.repair === true ? MENDED : RUNNING;
    }
    const isList = request.method() === "GET" && new URL(request.url()).pathname === "/api/reconciles";
    await route.fulfill({ json: isList ? { items: [shown], next: null, searchedTo: null } : shown });
  });
  return { page, url, complaints, acts, show: (next) => void (shown = next) };
}

test("a destination is compared, waits for what goes first, and what is found is repaired with a reason", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  const { page, url, complaints, acts, show } = await reconcilePage(DONE);
  await page.goto(`${url}/reconciles`);
  await page.getByLabel("Object").selectOption("customer");
  await page.getByLabel("A sample of").fill("1000");
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByText("A replay or a backfill goes first.").waitFor();
  show(FOUND);
  await page.getByText("was confirmed, there is").waitFor();
  await page.getByText("edited there since Sluice wrote it last").waitFor();
  await page.getByRole("link", { name: "crm/customer/c-1" }).waitFor();
  await page.getByRole("button", { name: "Repair" }).click();
  await page.getByLabel("Reason").fill("somebody cleaned up");
  await page.getByRole("dialog").getByRole("button", { name: "Repair" }).click();
  await page.getByText("left: a repair deletes nothing").waitFor();
  expect(await page.getByText("mended", { exact: true }).count()).toBe(2);
  expect(acts).toEqual([
    'begin {"destination":"crm","object":"customer","sample":1000}',
    'begin {"destination":"crm","repair":true,"reason":"somebody cleaned up"}',
  ]);
  expect(complaints).toEqual([]);
});

test("one that runs is ended, and one in which nothing was found says so and offers no repair", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { page, url, acts, show } = await reconcilePage(RUNNING);
  await page.goto(`${url}/reconciles/r1`);
  await page.getByRole("button", { name: "End it here" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End it here" }).click();
  await page.getByText("ended before its end").waitFor();
  expect(acts).toEqual(["abort {}"]);
  show(DONE);
  await page.goto(`${url}/reconciles/r1`);
  await page.getByText("All that could be compared is as it was confirmed.").waitFor();
  expect(await page.getByRole("button", { name: "Repair" }).count()).toBe(0);
});

test("in light and dark colours and on a narrow screen a reconcile is whole in each state, fits, and hinders nobody", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  const { page, url, complaints, show } = await reconcilePage(DONE, LOOKED_AT);
  for (const shown of [RUNNING, FOUND, MENDED]) {
    show(shown);
    for (const [path, says] of [
      ["/reconciles/r1", "as confirmed"],
      ["/reconciles", "Compare"],
    ] as const) {
      await page.goto(url + path);
      await page.getByText(says).first().waitFor();
      expect(await hindrancesOf(page), `${path} ${shown.state}`).toEqual([]);
    }
  }
  expect(complaints).toEqual([]);
});
