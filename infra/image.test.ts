import { execFile } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DOCKERFILE = readFileSync(join(ROOT, "infra/Dockerfile"), "utf8");
const IGNORED = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");

/** The files and folders of the checkout that the image's stages copy. */
const COPIED = [...DOCKERFILE.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) => paths!.split(" "));

test("the stage that builds the page has all that it needs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-image-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const isCopied = (path: string): boolean =>
    !["node_modules", "dist"].includes(basename(path)) && !path.endsWith(".test.ts");
  for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true, filter: isCopied });
  for (const path of globSync("{,{packages,services}/*/}node_modules", { cwd: ROOT })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(folder, path));
  }
  await promisify(execFile)(process.execPath, ["services/console/src/page/build.ts"], { cwd: folder });
  expect(globSync("services/console/page/dist/*/index.html", { cwd: folder })).toHaveLength(1);
});

test("all that the image's stages copy is let into its build", () => {
  expect(COPIED).toContain("tsconfig.base.json");
  expect(COPIED.filter((path) => !IGNORED.includes(`!${path}`))).toEqual([]);
});
