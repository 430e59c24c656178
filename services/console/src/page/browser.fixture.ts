import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** A Chromium of this machine; undefined where there is none. Nothing is downloaded for a test. */
export function findChromium(path: string): string | undefined {
  const places = path.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export async function openBrowser(executablePath: string): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
  // A machine that does ten things at once takes a minute to start one.
  return await chromium.launch({ executablePath, headless: true, args, timeout: 180_000 });
}

/** Why a test was skipped. */
export const NO_BROWSER = "no Chromium in PATH to try the console's page in";

type VisitOptions = BrowserContextOptions & {
  /** By which they sign in, as with the address that `npm start` prints. */
  readonly token?: string;
  readonly path?: string;
};

/** Somebody who looks at the page until the test has ended: how wide their window is, in which colours. */
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

/** What the browser finds fault with: errors, a policy that was broken, requests that went elsewhere. */
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
