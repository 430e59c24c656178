import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SluiceError } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const LOCK = fileURLToPath(new URL("../../../../pnpm-lock.yaml", import.meta.url));
const BUILDER = fileURLToPath(new URL("./build.ts", import.meta.url));
/** The file of a built page that says what it was built from. */
export const STAMP = ".built-from";

/** The files of a built page by their path below its root: `index.html`, `assets/…`. */
export type BuiltPage = ReadonlyMap<string, Buffer>;

/** The folders of the page's sources and of the built page. */
export type PagePlaces = { readonly sources: string; readonly built: string };
export const PAGE_PLACES: PagePlaces = { sources: join(PACKAGE, "page"), built: join(PACKAGE, "page", "dist") };

/**
 * The page, in memory: a request never looks for a file on the disk, and another process may build anew meanwhile. A checkout whose
 * page is missing or older than its sources builds it first, in another process; an image carries it built, and nothing to build it with.
 * @throws SluiceError `page_unbuilt`
 */
export async function builtPage(places: PagePlaces = PAGE_PLACES): Promise<BuiltPage> {
  const wanted = fingerprint(places.sources);
  if (!isBuiltFrom(places.built, wanted)) await build(places, wanted);
  return filesOf(places.built);
}

async function build({ built }: PagePlaces, wanted: string): Promise<void> {
  // The page is built beside its place, so that it gets there whole or not at all. Two processes that build at once make the same page.
  let fresh: string;
  try {
    fresh = mkdtempSync(`${built}.`);
  } catch (error) {
    throw unbuilt(error);
  }
  try {
    await promisify(execFile)(process.execPath, [BUILDER, fresh], { cwd: PACKAGE, timeout: LIMITS.pageBuildMs });
    rmSync(built, { recursive: true, force: true });
    renameSync(fresh, built);
  } catch (error) {
    if (!isBuiltFrom(built, wanted)) throw unbuilt(error);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function unbuilt(cause: unknown): SluiceError {
  const why = cause instanceof Error ? (cause.message.split("\n").find((line) => /error/i.test(line)) ?? "") : "";
  return new SluiceError(`the page could not be built${why === "" ? "" : `: ${why}`}`, {
    code: "page_unbuilt",
    hint: "npm install, with development dependencies, brings what builds it; the API does without it",
    cause,
  });
}

function isBuiltFrom(folder: string, wanted: string): boolean {
  try {
    return readFileSync(join(folder, STAMP), "utf8") === wanted;
  } catch {
    return false;
  }
}

function filesOf(folder: string): BuiltPage {
  const paths = globSync("**/*", { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile());
  return new Map(paths.map((path) => [path.split(sep).join("/"), readFileSync(join(folder, path))]));
}

/** A fingerprint of the page that changes with every source file, and with the versions of the packages built in. */
export function fingerprint(sources: string): string {
  const hash = createHash("sha256");
  const parts = globSync(["index.html", "src/**/*.{ts,tsx,css}", "public/*"], { cwd: sources });
  for (const path of parts.filter((each) => !each.endsWith(".test.ts")).toSorted()) {
    hash.update(path).update(readFileSync(join(sources, path)));
  }
  return hash.update(readFileSync(BUILDER)).update(readFileSync(LOCK)).digest("hex");
}
