import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import { SluiceError } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const LOCK = fileURLToPath(new URL("../../../../pnpm-lock.yaml", import.meta.url));
const BUILDER = fileURLToPath(new URL("./build.ts", import.meta.url));

/** The files of a built page by their path below its root: `index.html`, `assets/…`. */
export type BuiltPage = ReadonlyMap<string, Buffer>;

/** The folder of the page's sources, and the folder of built pages: each in a folder named for what it was built from. */
export type PagePlaces = { readonly sources: string; readonly built: string };
export const PAGE_PLACES: PagePlaces = { sources: join(PACKAGE, "page"), built: join(PACKAGE, "page", "dist") };

/**
 * The page, in memory: a request never looks for a file on the disk. A checkout whose page is missing or older than its sources builds
 * it first, in another process; an image carries it built, and nothing to build it with.
 * @throws SluiceError `page_unbuilt`
 */
export async function builtPage(places: PagePlaces = PAGE_PLACES): Promise<BuiltPage> {
  const name = pageFingerprint(places.sources);
  const place = join(places.built, name);
  if (!existsSync(place)) await build(places.built, name);
  return filesOf(place);
}

/**
 * Builds the page beside its place and moves it there: a page is there whole or not at all, and one that is there is never replaced.
 * The second of two processes that build at once finds the same page in its place.
 */
async function build(built: string, name: string): Promise<void> {
  let fresh: string | undefined;
  try {
    mkdirSync(built, { recursive: true });
    fresh = mkdtempSync(join(built, UNDER_WAY));
    // A temporary folder is its maker's alone; the one that the build makes inside is readable as others are.
    const page = join(fresh, "page");
    await promisify(execFile)(process.execPath, [BUILDER, page], { cwd: PACKAGE, timeout: LIMITS.pageBuildMs });
    renameSync(page, join(built, name));
  } catch (error) {
    if (!existsSync(join(built, name))) throw unbuilt(error);
  } finally {
    if (fresh !== undefined) rmSync(fresh, { recursive: true, force: true });
  }
  for (const other of readdirSync(built)) {
    if (other !== name && isLeftOver(built, other)) rmSync(join(built, other), { recursive: true, force: true });
  }
}

const UNDER_WAY = "under-way-";

/** Whether a folder is of no use any more: the page of other sources, or the start of a build whose process was killed. */
function isLeftOver(built: string, folder: string): boolean {
  if (!folder.startsWith(UNDER_WAY)) return true;
  const begun = statSync(join(built, folder), { throwIfNoEntry: false });
  return begun !== undefined && Date.now() - begun.mtimeMs > 2 * LIMITS.pageBuildMs;
}

function unbuilt(cause: unknown): SluiceError {
  const lines = stripVTControlCharacters(cause instanceof Error ? cause.message : "")
    .split("\n")
    .map((line) => line.trim());
  const why = lines[lines.indexOf("Caused by:") + 1 || Infinity] ?? lines.find((line) => /error/i.test(line)) ?? "";
  return new SluiceError(`the page could not be built${why === "" ? "" : `: ${why}`}`, {
    code: "page_unbuilt",
    hint: "npm install, with development dependencies, brings what builds it; the API does without it",
    cause,
  });
}

function filesOf(folder: string): BuiltPage {
  const paths = globSync("**/*", { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile());
  return new Map(paths.map((path) => [path.split(sep).join("/"), readFileSync(join(folder, path))]));
}

/** A fingerprint of the page that changes with every source file, and with the versions of the packages built in. */
export function pageFingerprint(sources: string): string {
  const hash = createHash("sha256");
  const parts = globSync(["index.html", "src/**/*.{ts,tsx,css}", "public/*"], { cwd: sources });
  for (const path of parts.filter((each) => !each.endsWith(".test.ts")).toSorted()) {
    hash.update(path).update(readFileSync(join(sources, path)));
  }
  return hash.update(readFileSync(BUILDER)).update(readFileSync(LOCK)).digest("hex");
}
