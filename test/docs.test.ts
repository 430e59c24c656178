import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { senders } from "@sluice/event";
import { configurationJsonSchema, METRICS } from "@sluice/runtime";
import { FIELD_TYPES } from "@sluice/zendesk";
import { expect, test } from "vitest";
import { CONFIGURED_FIELD_TYPES } from "../packages/runtime/src/configuration/schema/schema.ts";
import { reportOf } from "../services/ingress/src/reply/report.ts";

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
  const rows = read("docs/metrics.md").split("\n");
  const missing = Object.entries(METRICS)
    .map(
      ([name, { kind, labels }]) =>
        [`| \`${name}\` | ${kind}: `, ` | ${labels.map((l) => `\`${l}\``).join(", ")} |`] as const,
    )
    .filter(([start, end]) => !rows.some((row) => row.startsWith(start) && row.endsWith(end)))
    .map(([start, end]) => `${start}…${end}`);
  expect(missing, "rows that docs/metrics.md lacks").toEqual([]);
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
  expect(
    [...inUse].filter((code) => !documented.includes(code)),
    "codes that docs/errors.md lacks",
  ).toEqual([]);
  expect(
    documented.filter((code) => !PRODUCT.includes(`"${code}"`)),
    "codes of docs/errors.md that nothing says",
  ).toEqual([]);
});

test("every refusal of the door is in the table of the README, and none that does not exist", () => {
  const door = read("services/ingress/src/**/*.ts");
  const documented = [...DOCS.matchAll(/^\| (?:4|5)\d\d \| `([a-z_]+)` \|/gm)].map(([, code = ""]) => code);
  expect(documented.length).toBeGreaterThan(5);
  expect(documented.filter((code) => !door.includes(`"${code}"`))).toEqual([]);
});

test("the answer of the door that the README shows is the door's", () => {
  const [, shown] = /^## The door$[^]*?```json\n([^`]+)```/m.exec(read("README.md"))!;
  expect(JSON.parse(shown!)).toEqual(reportOf(["evt-1"], null));
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

test("the README says how many senders there are, and how many have presets", () => {
  const [, all, mapped] =
    /`npx pnpm sluice schemes` lists (\d+),[^]*`records: preset` maps the common objects of (\d+)/.exec(
      read("README.md"),
    ) ?? [];
  const withPreset = senders().filter(({ presets = [] }) => presets.length > 0);
  expect({ all, mapped }, "numbers under Senders in README.md").toEqual({
    all: String(senders().length),
    mapped: String(withPreset.length),
  });
});

/** The texts that stand between commas in the first column of the table below a heading of the wire contract. */
function typesBelow(heading: string): string[] {
  const section = read("docs/wire-contract.md").split(`\n### ${heading}\n`)[1]?.split("\n#")[0] ?? "";
  return [...section.matchAll(/^\| ([a-z][a-z,; ]*?) \|/gm)].flatMap(([, cell = ""]) => cell.split(/[,;] /));
}

test("every type of a field is in the wire contract, in the list of types and in the tables of values and filters", () => {
  const [, listed = ""] = /^- Types: (.+?)\. /m.exec(read("docs/wire-contract.md")) ?? [];
  const known = FIELD_TYPES.toSorted();
  expect(
    listed.replace(" (unless named)", "").split(", ").toSorted(),
    "docs/wire-contract.md, the list of types",
  ).toEqual(known);
  for (const heading of ["7.1 Values", "8.7 Filtered search"])
    expect(
      typesBelow(heading)
        .filter((each) => each !== "type")
        .toSorted(),
      `docs/wire-contract.md, ${heading}`,
    ).toEqual(known);
});

test("an object in sluice.yaml has fields of the same types as one of the records store, and docs/configuration.md names them", () => {
  expect(
    CONFIGURED_FIELD_TYPES.toSorted(),
    "CONFIGURED_FIELD_TYPES of packages/runtime/src/configuration/schema/schema.ts",
  ).toEqual(FIELD_TYPES.toSorted());
  const row = /^\| `type` \| (`text`.+?) \|/m.exec(read("docs/configuration.md"))?.[1] ?? "";
  expect(row.replaceAll("`", "").split(", ").toSorted(), "docs/configuration.md, `type` of a field").toEqual(
    FIELD_TYPES.toSorted(),
  );
});
