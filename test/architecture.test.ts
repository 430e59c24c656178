import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ARROWS, RULES } from "./architecture/rules.ts";
import { COMMENTED, readTree, type SourceFile } from "./architecture/source-file.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PLANTED = fileURLToPath(new URL("./architecture/planted", import.meta.url));
const FILES = readTree(ROOT, ["packages", "services"]);
const COMMENTED_FILES = readTree(ROOT, ["packages", "services", "test", "infra", "findings"], COMMENTED);

test("the whole tree is read", () => {
  expect(FILES.length).toBeGreaterThan(100);
});

test.each(RULES)("$sentence", ({ violations, everywhere }) => {
  expect(violations(everywhere === true ? COMMENTED_FILES : FILES)).toEqual([]);
});

test.each(RULES)("a planted violation is noticed: $sentence", ({ planted, violations, everywhere }) => {
  const files = typeof planted === "string" ? readPlanted(planted, everywhere) : planted;
  const found = violations(files);
  // The `expect:` lines of planted code say what is wrong with it; a manifest alone is wrong as a whole.
  const code = files.filter(({ path }) => /\.(ts|lua)$/.test(path));
  const wrong = (code.length > 0 ? code : files).flatMap(({ path, text }) => {
    const messages = [...text.matchAll(/^(?:\/\/|--) expect: (.+)$/gm)].map(([, message]) => `${path}: ${message}`);
    return messages.length > 0 ? messages : [path];
  });
  expect(wrong.length).toBeGreaterThan(0);
  for (const each of wrong) expect(found.join("\n")).toContain(each);
});

function readPlanted(planted: string, everywhere: true | undefined): readonly SourceFile[] {
  const root = join(PLANTED, planted);
  const folders = ["packages", "services"].filter((folder) => existsSync(join(root, folder)));
  return readTree(root, folders, everywhere === true ? COMMENTED : undefined);
}

test("the tree is the one that ARCHITECTURE.md shows", () => {
  const map = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const parts = ["packages", "services"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
  );
  for (const part of parts) expect(map, `${part} is missing from the map`).toContain(part);
  for (const [named] of map.matchAll(/\b(packages|services)\/[a-z-]+\b/g)) {
    expect(existsSync(join(ROOT, named)), `${named} is on the map, but not in the tree`).toBe(true);
  }
});

test.each(Object.entries(ARROWS))(
  "the README of %s says what it may import, and names files that there are",
  (part, arrows) => {
    const text = readFileSync(join(ROOT, part, "README.md"), "utf8");
    const [, said = ""] = /^\*\*May import\*\*: ([^.]+)\./m.exec(text) ?? [];
    const names = [...said.matchAll(/`@sluice\/([a-z-]+)`/g)].map(([, name = ""]) => name);
    expect(names.toSorted()).toEqual(arrows.toSorted());
    expect(said === "nothing of Sluice").toBe(arrows.length === 0);
    const files = [...text.matchAll(/`((?:src|page|migrations)\/[\w./-]*)`/g)].map(([, file = ""]) => file);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(existsSync(join(ROOT, part, file)), `${part} has no ${file}`).toBe(true);
  },
);
