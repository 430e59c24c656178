import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { senders } from "@sluice/event";
import { configurationJsonSchema, METRICS } from "@sluice/runtime";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const read = (...patterns: string[]): string =>
  globSync(patterns, { cwd: ROOT, exclude: (path) => path.includes("node_modules") })
    .filter((path) => !/node_modules|\.test\.ts$|\.fixture\.ts$/.test(path))
    .map((path) => readFileSync(join(ROOT, path), "utf8"))
    .join("\n");

const DOCS = read("README.md", "ARCHITECTURE.md", "docs/**/*.md", "infra/**/*.md");
const PRODUCT = read("packages/*/src/**/*.ts", "packages/cli/*.mjs", "services/*/src/**/*.ts");

/** The texts between backticks in the first column of a table. */
function firstColumn(markdown: string): string[] {
  return [...markdown.matchAll(/^\| ((?:`[^`|]+`(?:, )?)+) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
  );
}

test("every metric is in docs/metrics.md with its labels, and none that does not exist is anywhere", () => {
  const documented = read("docs/metrics.md");
  for (const [name, { labels }] of Object.entries(METRICS)) {
    expect(documented, name).toMatch(
      new RegExp(`^\\| \`${name}\` \\| [^|]+ \\| ${labels.map((l) => `\`${l}\``).join(", ")} \\|`, "m"),
    );
  }
  // Dashboards and alerts count as documentation that somebody relies on.
  const mentioned = `${DOCS}\n${read("infra/**/*.{json,yml,yaml}")}`.match(/\bsluice_[a-z_]+[a-z]\b/g) ?? [];
  const known = new Set<string>(Object.keys(METRICS));
  const unknown = mentioned.filter((name) => !known.has(name.replace(/_(bucket|sum|count)$/, "")));
  expect([...new Set(unknown)]).toEqual([]);
});

/** Every member that the configuration file may have, wherever it stands. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const properties = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return [
    ...properties,
    ...Object.entries(schema).flatMap(([key, member]) => (key === "default" ? [] : keysOf(member))),
  ];
}

test("every key of sluice.yaml is in docs/configuration.md, and none that does not exist", () => {
  const keys = new Set(keysOf(configurationJsonSchema()).filter((key) => key !== "properties"));
  const documented = firstColumn(read("docs/configuration.md")).filter((name) => !name.startsWith("SLUICE_"));
  expect([...new Set(documented.map((name) => name.replace(/^.*\./, "")))].toSorted()).toEqual([...keys].toSorted());
});

test("every environment variable that Sluice reads is documented, and none that it does not read", () => {
  const inUse = new Set(PRODUCT.match(/\bSLUICE_[A-Z_]+[A-Z]\b/g));
  const documented = new Set(firstColumn(DOCS).filter((name) => name.startsWith("SLUICE_")));
  expect([...documented].toSorted()).toEqual([...inUse].toSorted());
});

test("every error code is in docs/errors.md, and none that does not exist", () => {
  const inUse = new Set([...PRODUCT.matchAll(/\bcode(?:: | = )"([a-z]+_[a-z_]+)"/g)].map(([, code = ""]) => code));
  const documented = firstColumn(read("docs/errors.md"));
  expect(documented).toEqual(expect.arrayContaining([...inUse]));
  for (const code of documented) expect(PRODUCT, `${code} is documented, but nothing says it`).toContain(`"${code}"`);
});

test("every refusal of the door is in the table of the README, and none that does not exist", () => {
  const door = read("services/ingress/src/**/*.ts");
  const documented = [...DOCS.matchAll(/^\| (?:4|5)\d\d \| `([a-z_]+)` \|/gm)].map(([, code = ""]) => code);
  expect(documented.length).toBeGreaterThan(5);
  for (const code of documented) expect(door, code).toContain(`"${code}"`);
});

test("every cell of the table of what can be lost is held by a test that there is, or says that all is lost", () => {
  const page = read("docs/durability.md");
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && line.includes("(a)"));
  expect(rows.length).toBeGreaterThan(5);
  const cells = rows.flatMap((row) => row.split("|").slice(2, -1));
  const held = cells.map((cell) => /\(([a-z])\) $/.exec(cell)?.[1] ?? cell.trim());
  const named = new Map(
    [...page.matchAll(/^- ([a-z]): `([^`]+)`, "(.+?)"\.?( |$)/gm)].map(([, letter = "", file = "", title = ""]) => [
      letter,
      { file, title },
    ]),
  );
  expect(new Set(held)).toEqual(new Set([...named.keys(), "everything", "it has none"]));
  for (const { file, title } of named.values()) {
    expect(readFileSync(join(ROOT, file), "utf8"), `${file} has no test of this name`).toContain(`"${title}"`);
  }
});

test("every claim of docs/security.md names a test that there is", () => {
  const rows = read("docs/security.md")
    .split("\n")
    .filter((line) => /^\| (?!threat|---)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const cell = row.split("|").at(-2) ?? "";
    let file = "";
    const named = [...cell.matchAll(/(?:`([^`]+)`|the same file), "([^"]+)"/g)];
    expect(named.length, row).toBeGreaterThan(0);
    for (const [, path = file, title = ""] of named) {
      file = path;
      expect(readFileSync(join(ROOT, file), "utf8"), `${file} has no test of this name`).toContain(title);
    }
  }
});

test("the README says how many senders there are", () => {
  expect(read("README.md")).toContain(`sluice schemes\` lists ${senders().length},`);
});
