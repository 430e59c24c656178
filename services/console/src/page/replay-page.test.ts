import type { History } from "@sluice/history";
import type { Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { openConsole, TEXT } from "../console.fixture.ts";
import type { Replay, ReplayPlan } from "../contract/replay.ts";
import { browserOfFile, hindrancesOf, LOOKED_AT, NO_BROWSER, visit } from "./browser.fixture.ts";

/** The views of replays in every state: real ones pass through most of them within a second (test/e2e/console.test.ts runs one). */
const executable = inject("chromium");
const own = browserOfFile();

const EVENT = {
  ref: "m1-1",
  id: "e-1",
  source: "erp",
  type: "customer.updated",
  arrivedAt: "2026-11-28T10:00:00.000Z",
};

const PLAN: ReplayPlan = {
  plannedAt: "2026-11-28T11:00:00.000Z",
  expiresAt: "2026-11-28T12:00:00.000Z",
  chosen: 1_200,
  webhooks: 1_150,
  events: 1_240,
  replayed: 310,
  would: { changed: 300, mended: 10, unchanged: 900, dead: 2, ignored: 28 },
  leftOut: { redacted: 3 },
  records: 280,
  written: 270,
  staleChanges: 30,
  fields: [
    {
      destination: "crm",
      object: "customer",
      field: "tier",
      set: 0,
      changed: 300,
      cleared: 1,
      same: 9,
      stale: 30,
      dropped: 0,
    },
  ],
  faults: [{ place: "sources.erp.records[0].version", message: '"x" is no version', events: 2, sample: EVENT }],
  samples: [
    {
      record: { destination: "crm", object: "customer", by: "external_id", key: "4711" },
      event: EVENT,
      effect: "fields",
      fields: [
        { field: "tier", before: "gold", isBeforeKnown: true, after: "platinum", would: "changed" },
        { field: "city", before: "Ulm", isBeforeKnown: true, after: "Ulm", would: "same" },
      ],
    },
  ],
  calls: [{ destination: "crm", requests: 270, seconds: 27 }],
  seconds: 27,
  gaps: ["from 10:00 to 10:01 a worker was lost"],
};

const PLANNING: Replay = {
  id: "r1",
  state: "planning",
  by: "operator",
  createdAt: "2026-11-28T11:00:00.000Z",
  filter: { source: "erp", since: "2026-11-28T09:00:00.000Z" },
  unchanged: "skip",
  run: null,
  looked: { webhooks: 512, at: "2026-11-28T09:30:00.000Z" },
  plan: null,
  stale: null,
  progress: null,
  error: null,
};
const PLANNED: Replay = { ...PLANNING, state: "planned", plan: PLAN };
const RUNNING: Replay = {
  ...PLANNED,
  state: "running",
  run: 7,
  progress: { done: 100, of: 310, secondsLeft: 20, waitsFor: "queue", startedAt: EVENT.arrivedAt, endedAt: null },
};

/** A page whose API has one replay, which acts change as the real one does. */
async function replayPage(
  first: Replay,
  options: Parameters<typeof visit>[2] = {},
): Promise<{ page: Page; url: string; complaints: readonly string[]; acts: string[]; show: (replay: Replay) => void }> {
  const { url } = await openConsole(TEXT, { close: async () => {} } as unknown as History);
  const { page, complaints } = await visit(own.browser, url, options);
  const acts: string[] = [];
  let replay = first;
  const STATES = {
    run: RUNNING,
    pause: { ...RUNNING, state: "paused" },
    resume: RUNNING,
    abort: { ...RUNNING, state: "aborted" },
  } as const;
  await page.route("**/api/replays**", async (route) => {
    const request = route.request();
    const act = new URL(request.url()).pathname.split("/")[4] as keyof typeof STATES | undefined;
    if (request.method() === "POST") {
      acts.push(`${act ?? "plan"} ${request.postData()}`);
      replay = act === undefined ? PLANNING : STATES[act];
    }
    const isList = request.method() === "GET" && new URL(request.url()).pathname === "/api/replays";
    await route.fulfill({ json: isList ? { items: [replay], next: null, searchedTo: null } : replay });
  });
  return { page, url, complaints, acts, show: (next) => void (replay = next) };
}

test("events that were searched are planned, looked at, run, paused, gone on with, and ended", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { page, url, complaints, acts, show } = await replayPage(PLANNING);
  await page.goto(`${url}/replays?source=erp&since=2h`);
  await page.getByText("Replay source erp, since 2h").waitFor();
  await page.getByRole("button", { name: "Plan it" }).click();
  await page.getByText("512 webhooks, up to those of").waitFor();
  show(PLANNED);
  await page.getByText("would bring other values").waitFor();
  await page.getByText("From 10:00 to 10:01 a worker was lost.").waitFor();
  await page.getByText("tier gold → platinum").waitFor();
  await page.getByRole("row", { name: "tier crm/customer – 300 1 9 30 –" }).waitFor();
  await page.getByRole("button", { name: "Run it" }).click();
  await page.getByLabel("Reason").fill("the tiers were wrong");
  await page.getByRole("dialog").getByRole("button", { name: "Run it" }).click();
  await page.getByText("100 of 310 webhooks, about 20 s to go").waitFor();
  await page.getByText("Live webhooks go first").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "End it here" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End it here" }).click();
  await page.getByText("Ended after").waitFor();
  expect(acts).toEqual([
    'plan {"filter":{"source":"erp","since":"2h"},"unchanged":"skip"}',
    'run {"reason":"the tiers were wrong"}',
    "pause {}",
    "resume {}",
    "abort {}",
  ]);
  expect(complaints).toEqual([]);
});

test("a plan that does not hold any more can't be run, and says what to do", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { page, url } = await replayPage({ ...PLANNED, stale: "the mapping was changed since it was planned" });
  await page.goto(`${url}/replays/r1`);
  await page.getByText("The mapping was changed since it was planned.").waitFor();
  expect(await page.getByRole("button", { name: "Run it" }).isDisabled()).toBe(true);
  await page.getByRole("link", { name: "Plan it anew" }).click();
  await page.getByText("Replay source erp, since 2026-11-28 09:00:00 UTC").waitFor();
});

test("a plan of which nothing comes says why it can't be run", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const nothing = { ...PLAN, replayed: 0, written: 0, would: { unchanged: 900 } } as const;
  const { page, url, show } = await replayPage({ ...PLANNED, plan: nothing });
  await page.goto(`${url}/replays/r1`);
  await page.getByText("The mapping makes the same of these events as before.").waitFor();
  expect(await page.getByRole("button", { name: "Run it" }).isDisabled()).toBe(true);
  show({ ...PLANNED, plan: { ...nothing, events: 0, would: {}, leftOut: { redacted: 1_150 } } });
  await page.goto(`${url}/replays/r1`);
  await page.getByText("None of the events that are meant can be replayed.").waitFor();
});

test("in light and dark colours and on a narrow screen a replay is whole in each state, fits, and hinders nobody", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  const { page, url, complaints, show } = await replayPage(PLANNED, LOOKED_AT);
  for (const replay of [PLANNING, PLANNED, RUNNING]) {
    show(replay);
    for (const [path, says] of [
      ["/replays/r1", "Events: source erp, since"],
      ["/replays?source=erp", "Plan it"],
    ] as const) {
      await page.goto(url + path);
      await page.getByText(says).first().waitFor();
      expect(await hindrancesOf(page), `${path} ${replay.state}`).toEqual([]);
    }
  }
  expect(complaints).toEqual([]);
});
