import axe from "axe-core";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

export async function openBrowser(executablePath: string): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
  // A machine that does ten things at once takes a minute to start a browser.
  return await chromium.launch({ executablePath, headless: true, args, timeout: 180_000 });
}

/** Why a test was skipped. */
export const NO_BROWSER = "no Chromium in PATH to try the console's page in";

type VisitOptions = BrowserContextOptions & {
  /** The token to sign in with, as in the address that `npm start` prints. */
  readonly token?: string;
  readonly path?: string;
};

/** A visit to the page until the test has ended: the width of the window, and its colours. */
export async function visit(
  browser: Browser,
  url: string,
  { token = "operator-token", path = "/", ...options }: VisitOptions = {},
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const context = await browser.newContext({ viewport: { width: 1240, height: 860 }, ...options });
  onTestFinished(async () => await context.close());
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const complaints = complaintsOf(page, url);
  await page.goto(`${url}${path}#token=${token}`);
  await page.locator("main").waitFor();
  return { page, complaints };
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

/** The barriers that axe calls serious or worse, as `rule: element`. The visit must bypass the page's policy: the checker is put in. */
export async function barriersOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate<string[]>(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 200))))`);
}

/** How far the page is wider than the window. */
export async function overhangOf(page: Page): Promise<number> {
  return await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
}
