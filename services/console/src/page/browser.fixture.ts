import axe from "axe-core";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, inject, onTestFinished } from "vitest";
import { builtPage } from "./built-page.ts";

export async function openBrowser(executablePath: string): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
  // A machine that does ten things at once takes a minute to start a browser.
  return await chromium.launch({ executablePath, headless: true, args, timeout: 180_000 });
}

/** A browser for the tests of one file, and the page built for it; where the machine has none, its tests skip themselves. */
export function browserOfFile(): { readonly browser: Browser } {
  const executable = inject("chromium");
  const own = { browser: null as unknown as Browser };
  beforeAll(async () => {
    if (executable === null) return;
    await builtPage();
    own.browser = await openBrowser(executable);
  });
  afterAll(async () => await (own.browser as Browser | null)?.close());
  return own;
}

/** Why a test was skipped. */
export const NO_BROWSER = "no Chromium in PATH to try the console's page in";

type VisitOptions = {
  /** The token to sign in with, as in the address that `npm start` prints. */
  readonly token?: string;
  readonly path?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly bypassCSP?: boolean;
};

/** A visit to the page until the test has ended, by somebody who was never there before. */
export async function visit(
  browser: Browser,
  url: string,
  {
    token = "operator-token",
    path = "/",
    viewport = { width: 1240, height: 860 },
    bypassCSP = false,
  }: VisitOptions = {},
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const context = await contextOf(browser, bypassCSP);
  const page = await context.newPage();
  onTestFinished(async () => {
    await page.evaluate("localStorage.clear()");
    await page.close();
    await context.clearCookies();
  });
  await page.setViewportSize(viewport);
  page.setDefaultTimeout(30_000);
  const complaints = complaintsOf(page, url);
  await page.goto(`${url}${path}#token=${token}`);
  await page.locator("main").waitFor();
  return { page, complaints };
}

/** A context for each visit would begin a process for each: half of the processor time of most tests. Nothing is left in one between two tests. */
const contexts = new WeakMap<Browser, Map<boolean, Promise<BrowserContext>>>();

async function contextOf(browser: Browser, bypassCSP: boolean): Promise<BrowserContext> {
  const opened = contexts.get(browser) ?? new Map<boolean, Promise<BrowserContext>>();
  contexts.set(browser, opened);
  const context = opened.get(bypassCSP) ?? browser.newContext({ bypassCSP });
  opened.set(bypassCSP, context);
  return await context;
}

/** The browser's complaints about the page: errors, a policy that was broken, requests that went elsewhere. */
function complaintsOf(page: Page, origin: string): readonly string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== "data:" && asked.origin !== origin) complaints.push(request.url());
  });
  return complaints;
}

/** How a visit begins whose views are looked at with `hindrancesOf`: narrow, and past the policy that keeps the checker out too. */
export const LOOKED_AT: VisitOptions = { viewport: { width: 360, height: 800 }, bypassCSP: true };

/**
 * All that a view has against somebody, as a narrow screen, a wide one and dark colours show it: that it is wider than its window, and the
 * barriers that axe calls serious or worse. The narrow one is the same document in the colours of the light one. A view is loaded once,
 * narrow: to load it for each of the three was half of the processor time of these tests.
 */
export async function hindrancesOf(page: Page): Promise<readonly string[]> {
  const found = await overhangOf(page, "narrow");
  await page.setViewportSize({ width: 1240, height: 800 });
  await drawn(page);
  found.push(...(await overhangOf(page, "wide")), ...(await barriersOf(page, "light")));
  // A colour that is on its way to another is neither.
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await drawn(page);
  found.push(...(await overhangOf(page, "dark")), ...(await barriersOf(page, "dark")));
  await page.emulateMedia({ colorScheme: "light", reducedMotion: null });
  await page.setViewportSize({ width: 360, height: 800 });
  return found;
}

/** A page that does something when its window changes, as charts do, does it in the next frame. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
}

async function barriersOf(page: Page, look: string): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source);
  const barriers = await page.evaluate<
    string[]
  >(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 200))))`);
  return barriers.map((barrier) => `${look}: ${barrier}`);
}

async function overhangOf(page: Page, look: string): Promise<string[]> {
  const overhang = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  return overhang > 0 ? [`${look}: ${overhang} px wider than the window`] : [];
}
