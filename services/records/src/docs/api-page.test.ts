import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import supertest from "supertest";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { AGENT, client, objectWith, storeUnderTest, type StoreUnderTest } from "../under-test.ts";
import { inBrowser } from "./browser.fixture.ts";

let store: StoreUnderTest;
let server: Server;
let origin: string;
beforeAll(async () => {
  store = await storeUnderTest();
  server = createServer(store.app);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await store.close();
});

test("with a slash behind it the page is found too, also where a proxy has put a path before it", async () => {
  await supertest(store.app).get("/docs/").expect(308).expect("Location", "../docs");
});

test("the page and all that it is made of come from the store itself, under a policy that allows nothing else", async () => {
  const page = await supertest(store.app).get("/docs").expect(200).expect("Content-Type", /html/);
  const parts = [...page.text.matchAll(/(?:href|src)="(?!data:)([^"]+)"/g)].map(([, path = ""]) => path);
  expect(parts.length).toBeGreaterThan(3);
  for (const path of parts) {
    expect(path).toMatch(/^docs\//);
    const { headers, text } = await supertest(store.app).get(`/${path}`).expect(200);
    expect(headers["content-security-policy"]).toBe(page.headers["content-security-policy"]);
    expect(text).not.toMatch(/url\(["']?https?:|@import/);
  }
  const policy = page.headers["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

const executable = inject("chromium");

test("in a browser one picks the upsert, fills it in, sends it and sees the answer, on a narrow screen too", async ({
  skip,
}) => {
  skip(executable === null, "no Chromium in PATH to try the API page in");
  const object = await objectWith(store.app, { fields: [{ key: "tier" }] });
  await inBrowser(executable ?? "", async (page) => {
    const complaints = complaintsOf(page);
    await page.goto(`${origin}/docs`);
    await page.click("button.authorize");
    await page.fill("#auth-bearer-value", AGENT);
    await page.locator(".modal-ux .auth-btn-wrapper button.authorize").first().click();
    await page.locator(".modal-ux button.btn-done").first().click();

    const call = page.locator("#operations-Records-upsertRecord");
    await call.locator(".opblock-summary-control").click();
    const parameter = (name: string) => call.locator(`tr[data-param-name="${name}"] input`);
    await parameter("object").fill(object);
    await parameter("external_id").fill("from the page/1");
    const record = { name: "By hand", custom_object_fields: { tier: "gold" } };
    await call.locator("textarea.body-param__text").fill(JSON.stringify({ custom_object_record: record }));
    await call.locator("button.execute").click();

    const answer = call.locator(".live-responses-table");
    await answer.waitFor();
    expect(await answer.locator("tbody .response-col_status").first().innerText()).toMatch(/^200/);
    expect(await answer.locator("tbody .response-col_description pre").first().innerText()).toContain(
      '"name": "By hand"',
    );

    for (const width of [390, 360, 320]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(TOO_WIDE), `at ${width} pixels`).toEqual([]);
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    }
    expect(complaints).toEqual([]);
  });
  const { body } = await client(store.app).get(`custom_objects/${object}/records`).expect(200);
  expect(body).toMatchObject({
    custom_object_records: [
      { external_id: "from the page/1", name: "By hand", custom_object_fields: { tier: "gold" } },
    ],
  });
});

test("the upsert comes first, whatever the reader's colours are, and nothing is too wide at 360 pixels", async ({
  skip,
}) => {
  skip(executable === null, "no Chromium in PATH to try the API page in");
  await inBrowser(executable ?? "", async (page) => {
    const complaints = complaintsOf(page);
    const background = async () =>
      await page.evaluate<string>('getComputedStyle(document.querySelector(".swagger-ui")).backgroundColor');
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 360, height: 800 });
    await page.goto(`${origin}/docs`);
    const calls = page.locator(".opblock");
    await calls.first().waitFor();
    expect(await calls.first().getAttribute("id")).toBe("operations-Records-upsertRecord");
    expect(brightness(await background())).toBeLessThan(60);

    const fits = async (state: string) => {
      expect(await page.evaluate(TOO_WIDE), state).toEqual([]);
      expect(await page.evaluate<number>("document.documentElement.scrollWidth"), state).toBeLessThanOrEqual(360);
    };
    await fits("as it opens");
    await page.click("button.authorize");
    await fits("with the dialog for credentials");
    await page.locator(".modal-ux .close-modal").click();
    // These two have the longest paths, the most parameters and the deepest bodies; to try every call takes minutes.
    for (const id of ["Records-upsertRecord", "Search-filterRecords"]) {
      const call = page.locator(`#operations-${id}`);
      await call.locator(".opblock-summary-control").click();
      await call.locator(".responses-wrapper").waitFor();
      await fits(`with ${id} open`);
      await call.locator(".opblock-summary-control").click();
    }

    // The page follows a change of the system's colours while it is open.
    await page.emulateMedia({ colorScheme: "light" });
    await page.locator("html:not(.dark-mode)").waitFor({ state: "attached" });
    expect(brightness(await page.evaluate<string>("getComputedStyle(document.body).backgroundColor"))).toBeGreaterThan(
      200,
    );
    expect(complaints).toEqual([]);
  });
});

/** The mean of `rgb(28, 32, 34)`, from 0 to 255. */
function brightness(colour: string): number {
  const parts = colour.match(/\d+/g)?.slice(0, 3).map(Number) ?? [];
  return parts.reduce((sum, part) => sum + part, 0) / parts.length;
}

/** Elements that begin or end outside of the window, and don't stand in one that scrolls by itself. */
const TOO_WIDE = `(() => {
  const scrolls = (element) => element !== null && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  return [...document.querySelectorAll("#api *")]
    .filter((element) => element.getBoundingClientRect().width > 0 && element.getBoundingClientRect().right > innerWidth && !scrolls(element.parentElement))
    .map((element) => element.tagName + "." + element.className + " " + Math.round(element.getBoundingClientRect().right));
})()`;

/** The browser's complaints: errors, a policy that was broken, requests that went elsewhere or failed. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("requestfailed", (request) => complaints.push(`${request.url()} failed`));
  page.on("request", (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol !== "data:" && protocol !== "blob:" && asked !== origin) complaints.push(request.url());
  });
  return complaints;
}
