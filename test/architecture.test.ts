import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { RULES, violationsOf } from "./architecture/rule.ts";
import { readSources } from "./architecture/source-file.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PLANTED = fileURLToPath(new URL("./architecture/planted/tree", import.meta.url));

test("the product keeps every rule of its architecture", () => {
  const files = readSources(ROOT);
  expect(files.length).toBeGreaterThan(100);
  expect(violationsOf(files)).toEqual([]);
});

test("every rule notices the violation that was planted for it, and no other", () => {
  const files = readSources(PLANTED);
  const found = violationsOf(files).map(({ path, rule }) => [path, rule]);
  // Each planted file says in its first line which rule it breaks.
  const planted = files.map(({ path, text }) => [path, /^\/\/ Breaks: (.+)\.$/m.exec(text)?.[1]]);
  expect(found.toSorted()).toEqual(planted.toSorted());
  expect(new Set(planted.map(([, rule]) => rule))).toEqual(new Set(RULES.map(({ name }) => name)));
});

test("the tree is the one that ARCHITECTURE.md shows", () => {
  const map = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const parts = ["packages", "services"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
  );
  for (const part of parts) expect(map, `${part} is missing from the map`).toContain(part);
  for (const [named] of map.matchAll(/\b(packages|services)\/[a-z]+\b/g)) {
    expect(existsSync(join(ROOT, named)), `${named} is on the map, but not in the tree`).toBe(true);
  }
});

test("a package offers its entry and nothing else", () => {
  const parts = ["packages", "services"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => join(folder, name)),
  );
  for (const part of parts) {
    const manifest = JSON.parse(readFileSync(join(ROOT, part, "package.json"), "utf8")) as {
      exports?: Record<string, string>;
    };
    const entries = Object.values(manifest.exports ?? {});
    expect(
      entries.every((entry) => entry.endsWith("/index.ts")),
      part,
    ).toBe(true);
    for (const entry of entries) expect(existsSync(join(ROOT, part, entry)), `${part}: ${entry}`).toBe(true);
  }
});
