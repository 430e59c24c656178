import { expect, inject, test } from "vitest";
import { openConsole } from "../console.fixture.ts";
import { browserOfFile, hindrancesOf, LOOKED_AT, NO_BROWSER, visit } from "./browser.fixture.ts";

const executable = inject("chromium");
const own = browserOfFile();

/** A text of each view, as it is with three dead letters of one cause. */
const VIEWS = {
  "/": "crm comes back.",
  "/issues": "3 changes for crm/customer are dead",
  "/events": "Nothing of the past is kept here",
  "/records": "crm/customer/4711",
  "/records?list=parked": "crm/customer/4712",
  "/records/crm/customer/4711": "No history is kept",
  "/records/crm/customer/4712": "An operator parked it",
  "/letters": "is no version",
  "/replays": "Nothing of the past is kept here",
  "/reconciles": "Nothing of the past is kept here",
  "/sources": "generic-hmac",
  "/sources/erp": "POST /webhooks/erp",
  "/destinations": "600 requests/min",
  "/destinations/crm": "By age alone",
  "/try?source=erp": "Nothing is stored or sent until you say so",
  "/audit": "their upgrade",
} as const;

test("in light and dark colours and on a narrow screen every view is whole, fits, and hinders nobody", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  const { url, admit, fail, get, post } = await openConsole();
  await admit("4711", { tier: "gold" });
  await admit("4712", { tier: "iron" });
  await post("/api/records/crm/customer/4712/park");
  await fail(["a", "b", "c"]);
  await post("/api/destinations/crm/hold", { reason: "their upgrade" });
  await post("/api/destinations/crm/resume");
  const [cause] = (await get("/api/letters/groups")).body.groups;
  const { page, complaints } = await visit(own.browser, url, LOOKED_AT);
  const views = {
    ...VIEWS,
    [`/letters/cause/${cause.id}`]: "Replay all 3",
    [`/letters/${cause.sample}`]: "The event",
  };
  for (const [path, says] of Object.entries(views)) {
    await page.goto(url + path);
    await page.getByText(says).first().waitFor();
    expect(await hindrancesOf(page), path).toEqual([]);
  }
  expect(complaints).toEqual([]);
});

test("the token leaves the address at once, and is kept nowhere", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { url } = await openConsole();
  const { page, complaints } = await visit(own.browser, url);
  expect(page.url()).toBe(`${url}/`);
  expect(
    await page.evaluate("JSON.stringify([...Object.entries(localStorage), ...Object.entries(sessionStorage)])"),
  ).toBe("[]");
  const startedMs = performance.now();
  await page.goto(url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  console.log(`first view after ${Math.round(performance.now() - startedMs)} ms`);
  expect(complaints).toEqual([]);
});

test("without a token, and with a wrong one, one is asked for it; signing out leads back there", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { url } = await openConsole();
  const { page } = await visit(own.browser, url, { token: "wrong", path: "/letters" });
  const refusal = page.getByRole("alert").getByText("The token is not the one");
  await refusal.waitFor();
  await page.route("**/api/session", async (route) =>
    route.request().method() === "POST" ? await route.abort() : await route.continue(),
  );
  await page.getByLabel("Token").fill("guess");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("does not answer").waitFor();
  await page.unroute("**/api/session");
  await page.getByRole("button", { name: "Sign in" }).click();
  await refusal.waitFor();
  await page.getByLabel("Token").fill("operator-token");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Dead letters" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
});

test("the address that signs in does so in a page that is open already, too", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { url } = await openConsole();
  const { page } = await visit(own.browser, url, { token: "of-yesterday" });
  await page.getByLabel("Token").waitFor();
  await page.goto(`${url}/#token=operator-token`);
  await page.getByRole("heading", { level: 1, name: "Nothing has come in yet" }).waitFor();
  expect(page.url()).toBe(`${url}/`);
});

test("a destination is held with a reason, and resumed", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { url, admit, get } = await openConsole();
  await admit("4711", { tier: "gold" });
  const { page, complaints } = await visit(own.browser, url);
  await page.getByRole("button", { name: "Hold crm" }).click();
  await page.getByLabel("Reason").fill("their upgrade");
  await page.getByRole("button", { name: "Hold it" }).click();
  await page.getByRole("heading", { name: "crm is held: an operator holds it." }).waitFor();
  await page.getByText("“their upgrade”").waitFor();
  expect((await get("/api/destinations/crm")).body.now.hold).toMatchObject({
    reason: "operator",
    note: "their upgrade",
  });
  // The list of records says why nothing of them goes out, too.
  await page.getByRole("link", { name: "Records", exact: true }).click();
  await page.getByRole("row", { name: /4711 waits: crm is held/ }).waitFor();
  await page.goBack();
  await page.getByRole("button", { name: "Resume crm" }).click();
  await page.getByText("1 record now.").waitFor();
  await page.getByRole("button", { name: "Resume it" }).click();
  await page.getByRole("heading", { name: "crm comes back." }).waitFor();
  expect((await get("/api/destinations/crm")).body.now.hold).toBeNull();
  expect(complaints).toEqual([]);
});

test("by the keyboard alone one gets past the navigation, opens a dialog, leaves it, and is back where one was", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  const { url } = await openConsole();
  const { page } = await visit(own.browser, url);
  const hold = page.getByRole("button", { name: "Hold crm" });
  await hold.waitFor();
  await page.keyboard.press("Tab");
  await page.locator("a:focus", { hasText: "To the content" }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator("#view:focus").waitFor();
  await hold.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Hold crm" });
  await dialog.waitFor();
  await dialog.locator("input:focus").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.locator('[aria-label="Hold crm"]:focus').waitFor();
  // A link inside the page moves the focus to the heading of the view that it leads to.
  await page.getByRole("link", { name: "Dead letters", exact: false }).first().click();
  await page.getByRole("heading", { level: 1, name: "Dead letters" }).waitFor();
  await page.locator("h1:focus").waitFor();
});

/** A letter that came between the list's reading and the stream's beginning was once shown by nobody until the next one came. */
test("a dead letter of which no stream tells is shown all the same", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { url, fail } = await openConsole();
  const { page } = await visit(own.browser, url);
  await page.route("**/api/now/stream", async (request) => await request.abort());
  await page.goto(`${url}/letters#token=operator-token`);
  await page.getByText("A change ends here when its destination refuses it").waitFor();
  await fail(["a", "b"]);
  await page.getByRole("link", { name: /is no version/ }).click();
  await page.getByRole("button", { name: "Replay all 2" }).waitFor();
});

test("a Sluice that has seen nothing yet teaches what to do first", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { url } = await openConsole();
  const { page } = await visit(own.browser, url);
  await page.getByText("pnpm sluice send erp").waitFor();
  for (const [path, teaches] of [
    ["/issues", "each would stand here once"],
    ["/letters", "A change ends here when its destination refuses it"],
    ["/records", "A record stands here from the first change"],
    ["/records?list=parked", "Nobody has taken a record out of the line"],
    ["/records/crm/customer/nobody", "Nothing is known of this record"],
    ["/sources/erp", "None has come in yet"],
    ["/audit", "each is written down here"],
    ["/nowhere", "The address names no view"],
  ] as const) {
    await page.goto(url + path);
    await page.getByText(teaches).first().waitFor();
  }
});

test("the back button takes back a filter, and a reload keeps it", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { url, fail } = await openConsole();
  await fail(["a"]);
  const { page, complaints } = await visit(own.browser, url, { path: "/letters" });
  await page.getByRole("link", { name: /is no version/ }).waitFor();
  await page.getByLabel("Source").selectOption("erp");
  await page.waitForURL(`${url}/letters?source=erp`);
  await page.getByLabel("Destination").selectOption("crm");
  await page.waitForURL(/destination=crm/);
  await page.reload();
  await page.getByRole("link", { name: /is no version/ }).waitFor();
  expect(await page.getByLabel("Source").inputValue()).toBe("erp");
  expect(await page.getByLabel("Destination").inputValue()).toBe("crm");
  await page.goBack();
  await page.waitForURL(`${url}/letters?source=erp`);
  expect(await page.getByLabel("Destination").inputValue()).toBe("");
  await page.goBack();
  await page.waitForURL(`${url}/letters`);
  expect(complaints).toEqual([]);
});

test("an issue leads to the view that mends it; somebody looks after it, and it is counted no more", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  const { url, fail } = await openConsole();
  await fail(["a", "b"]);
  const { page, complaints } = await visit(own.browser, url);
  const place = page.getByRole("navigation").getByRole("link", { name: "Issues" });
  await page.getByRole("navigation").getByRole("link", { name: "Issues 1" }).waitFor();
  await place.click();
  const title = /^2 changes for crm\/customer are dead/;
  await page.getByRole("heading", { name: title }).waitFor();
  await page.getByRole("button", { name: "Acknowledge 2 changes" }).click();
  await page.getByLabel("Reason").fill("I look");
  await page.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
  await page.locator(".issues").getByText("acknowledged", { exact: true }).waitFor();
  await page.getByText("Its life").click();
  await page.getByText("acknowledged by operator: I look").waitFor();
  expect(await page.getByRole("button", { name: /^Acknowledge/ }).count()).toBe(0);
  await page.getByRole("navigation").getByRole("link", { name: "Issues", exact: true }).waitFor();
  await page.getByRole("link", { name: "Look at it" }).click();
  await page.getByRole("button", { name: "Replay all 2" }).waitFor();
  expect(complaints).toEqual([]);
});

test("whoever only reads is offered no change", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  const { url, admit, fail, get } = await openConsole();
  await admit("4711", { tier: "gold" });
  await fail(["a"]);
  const [cause] = (await get("/api/letters/groups")).body.groups;
  const { page } = await visit(own.browser, url);
  // The API has one token, which may do all: the test makes its answer that of a reader.
  await page.route("**/api/session", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), role: "read" } });
  });
  for (const [path, says] of [
    ["/", "Everything is accounted for"],
    ["/issues", "1 change for crm/customer is dead"],
    ["/records/crm/customer/4711", "What is pending"],
    [`/letters/${cause.sample}`, "The event"],
  ] as const) {
    await page.goto(url + path);
    await page.getByText(says).first().waitFor();
    expect(
      await page
        .getByRole("button", { name: /Hold|Resume|Park|Forget|Replay|Discard|Edit|Acknowledge|Resolve/ })
        .count(),
    ).toBe(0);
  }
});
