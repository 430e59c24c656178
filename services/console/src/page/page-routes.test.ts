import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import express, { type Express } from "express";
import request from "supertest";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createLog, SluiceError, systemClock } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";
import { builtPage, pageFingerprint, PAGE_PLACES, type BuiltPage, type PagePlaces } from "./built-page.ts";
import { pageRoutes } from "./page-routes.ts";

const log = createLog({ role: "console", level: "silent" });
const appOf = (read: () => Promise<BuiltPage>, clock = systemClock): Express =>
  express().use(pageRoutes({ log, clock, read }));

let page: BuiltPage;
let app: Express;
beforeAll(async () => {
  page = await builtPage();
  app = appOf(async () => page);
});

test("all script together is at most 200 KB gzipped, and the first view needs less than half of that", () => {
  const packedBytes = (paths: string[]) =>
    paths.reduce((sum, path) => sum + gzipSync(page.get(path)!, { level: 9 }).length, 0);
  const scripts = [...page.keys()].filter((path) => path.endsWith(".js"));
  const first = scripts.filter((path) => page.get("index.html")!.includes(path));
  expect(first).toHaveLength(1);
  expect(packedBytes(scripts)).toBeLessThan(200_000);
  expect(packedBytes(first)).toBeLessThan(100_000);
});

test("each address of the page is the same document, which comes from here with all that it is made of", async () => {
  for (const path of ["/", "/records/crm/customer/erp%3A10", "/letters"]) {
    const answer = await request(app).get(path).set("Accept", "text/html").expect(200).expect("Content-Type", /html/);
    expect(answer.headers["content-security-policy"]).toMatch(/^default-src 'self'; .*frame-ancestors 'none'$/);
    expect(answer.headers["content-security-policy"]).not.toMatch(/unsafe|https?:|\*|data:/);
    const parts = [...answer.text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, part = ""]) => part);
    expect(parts.length).toBeGreaterThanOrEqual(3);
    for (const part of parts) {
      expect(part).toMatch(/^\//);
      const cached = part.startsWith("/assets/") ? /immutable/ : /no-cache/;
      await request(app).get(part).expect(200).expect("Cache-Control", cached);
    }
  }
});

test("an asset that is not there is no document, and a page that is known is not sent again", async () => {
  await request(app).get("/assets/index-of-yesterday.js").expect(404);
  await request(app).get("/../package.json").set("Accept", "application/json").expect(404);
  const { headers } = await request(app).get("/").set("Accept", "text/html");
  await request(app).get("/").set("Accept", "text/html").set("If-None-Match", headers["etag"]!).expect(304);
});

test("a page that can't be built says why, and is not tried again at each request, but a while later", async () => {
  let tries = 0;
  let nowMs = 0;
  const broken = appOf(
    async () => {
      tries += 1;
      if (tries === 1) throw new SluiceError("no <vite> here", { code: "page_unbuilt", hint: "install it" });
      return page;
    },
    { ...systemClock, nowMs: () => nowMs },
  );
  for (let visit = 0; visit < 3; visit += 1) {
    const refused = await request(broken).get("/").set("Accept", "text/html").expect(503);
    expect(refused.text).toContain("no &lt;vite> here. install it");
  }
  expect(tries).toBe(1);
  nowMs += LIMITS.pageFailureMs;
  await request(broken).get("/").set("Accept", "text/html").expect(200);
});

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "sluice-page-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("what was built from these sources is taken as it is; from others it is built anew, the same in any environment", async () => {
  const { sources } = PAGE_PLACES;
  const built = join(folder, "taken");
  const name = pageFingerprint(sources);
  const shown = async () => await builtAs("development", { sources, built });
  const titled = (shownPage: BuiltPage) => shownPage.get("index.html")!.toString();
  mkdirSync(join(built, name), { recursive: true });
  writeFileSync(join(built, name, "index.html"), "as it was built");
  expect(titled(await shown())).toBe("as it was built");
  renameSync(join(built, name), join(built, "other-sources"));
  // A build that was killed leaves its folder behind; another one may be under way.
  for (const folderName of ["under-way-killed", "under-way-now"]) mkdirSync(join(built, folderName));
  const longAgo = new Date(Date.now() - 3 * LIMITS.pageBuildMs);
  utimesSync(join(built, "under-way-killed"), longAgo, longAgo);
  const anew = await shown();
  expect(titled(anew)).toContain("<title>Sluice</title>");
  expect(namesOf(anew)).toEqual(namesOf(page));
  expect(readdirSync(built).toSorted()).toEqual([name, "under-way-now"].toSorted());
  // An image's page is built by another user than the one who serves it.
  expect(statSync(join(built, name)).mode & 0o055).toBe(0o055);
});

test("processes that build at once have the whole page, each of them", async () => {
  const places = { sources: PAGE_PLACES.sources, built: join(folder, "at-once") };
  const pages = await Promise.all([builtAs("production", places), builtAs("production", places)]);
  for (const each of pages) expect(namesOf(each)).toEqual(namesOf(page));
  expect(readdirSync(places.built)).toEqual([pageFingerprint(places.sources)]);
});

/** A build costs seconds: these tests build in environments that differ, since the page is the same wherever it is built. */
async function builtAs(environment: "development" | "production", places: PagePlaces): Promise<BuiltPage> {
  vi.stubEnv("NODE_ENV", environment);
  const built = builtPage(places);
  vi.unstubAllEnvs();
  return await built;
}

/** A file's name has a fingerprint of its content in it. */
function namesOf(built: BuiltPage): readonly string[] {
  return [...built.keys()].toSorted();
}
