import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SELF = "test/references.test.ts";
const CONTRACT = "docs/wire-contract.md";
/** In these places a bare § is a section of the wire contract, and a row one of its upsert table. */
const OF_CONTRACT = ["packages/zendesk/", "packages/destination/", "services/records/", "test/conformance/", CONTRACT];

const NOT_READ = /(^|\/)(node_modules|dist|vectors|planted)(\/|$)/;
const tracked = (...patterns: string[]): string[] =>
  globSync(patterns, { cwd: ROOT, exclude: (path) => NOT_READ.test(path) }).map((path) => path.replaceAll("\\", "/"));
const texts = new Map<string, string>();
function read(path: string): string {
  const text = texts.get(path) ?? readFileSync(join(ROOT, path), "utf8");
  texts.set(path, text);
  return text;
}

const MARKDOWN = tracked("*.md", "{docs,infra,test,packages,services,findings}/**/*.md");
const CODE = tracked(
  "*.{json,ts}",
  ".oxlintrc.json",
  "{packages,services,test,infra,findings}/**/*.{ts,tsx,mjs,lua,sql,sh,yaml,yml}",
);

/** A page's headings as links name them, by the rule of the sites that show Markdown. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutBlocks(markdown).matchAll(/^#{1,6} (.+)$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = text.replaceAll(/[^\p{L}\p{N}_\- ]/gu, "").replaceAll(" ", "-");
    let anchor = slug;
    for (let number = 1; anchors.has(anchor); number += 1) anchor = `${slug}-${number}`;
    anchors.add(anchor);
  }
  return anchors;
}

function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```/gm, "");
}

function sectionsOf(page: string): Set<string> {
  return new Set([...read(page).matchAll(/^#+ (\d+(?:\.\d+)?)\.? /gm)].map(([, number = ""]) => number));
}

/** Their file names begin with it; two of one number are one too many. */
const DECISIONS = tracked("docs/decisions/*.md").map((path) => posix.basename(path).slice(0, 4));

const ROWS = new Set(
  [...read(CONTRACT).matchAll(/^\| (\d+)(?:, (\d+))? \|/gm)].flatMap(([, ...numbers]) => numbers.filter(Boolean)),
);

/** Each "§n" and "row n" of a text that leads to no section or row which the repository holds. */
function dangling(path: string, text: string): string[] {
  const isOfContract = OF_CONTRACT.some((place) => path.startsWith(place));
  const sections = [...text.matchAll(/(?:(RFC \d+),? )?(?:(docs\/[\w-]+\.md) )?(?:"§"|§([\d.]*\d)?)/g)].flatMap(
    ([whole, outside, named, number = ""]) => {
      const page = named ?? (isOfContract ? CONTRACT : path === "docs/design.md" ? path : undefined);
      if (outside !== undefined || whole === '"§"') return [];
      if (page === undefined || !existsSync(join(ROOT, page))) return [`${path}: ${whole} names no page`];
      return sectionsOf(page).has(number) ? [] : [`${path}: ${whole} is no section of ${page}`];
    },
  );
  if (!isOfContract || !path.endsWith(".ts")) return sections;
  const missing = [...text.matchAll(/\brows? (\d+)(?:(?: to | and |, )(\d+))*/gi)]
    .flatMap(([whole]) => whole.match(/\d+/g) ?? [])
    .filter((row) => !ROWS.has(row))
    .map((row) => `${path}: row ${row} is not in the table of ${CONTRACT}`);
  return [...sections, ...missing];
}

/** Each page, decision or anchor that a text names and that there is not. */
function lost(path: string, text: string): string[] {
  const pages = [...text.matchAll(/\bdocs\/[a-z0-9/-]+\.md\b(#[\w-]+)?/g)].flatMap(([whole]) =>
    faultOfTarget(path, whole),
  );
  const decisions = [...text.matchAll(/\bdecisions? (\d{4})\b/g)]
    .filter(([, number]) => DECISIONS.filter((each) => each === number).length !== 1)
    .map(([whole]) => `${path}: there is no ${whole}`);
  const papers = /\b(?:DESIGN|PITFALLS|STYLE)\b(?=\.md| §|[,;.)]|$)/m.exec(text);
  return [...pages, ...decisions, ...(papers === null ? [] : [`${path}: ${papers[0]} is no paper of the repository`])];
}

/** @param target from the root */
function faultOfTarget(path: string, target: string): string[] {
  const [file = "", anchor] = target.split("#");
  if (!existsSync(join(ROOT, file))) return [`${path}: there is no ${file}`];
  if (anchor === undefined || !file.endsWith(".md")) return [];
  return anchorsOf(read(file)).has(anchor) ? [] : [`${path}: ${file} has no #${anchor}`];
}

/** Each relative link that leads to no file, or to no heading in it. */
function broken(path: string, markdown: string): string[] {
  const prose = withoutBlocks(markdown).replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
    const [file = "", anchor] = target.split("#");
    const whole = file === "" ? path : posix.normalize(posix.join(posix.dirname(path), file));
    return faultOfTarget(path, anchor === undefined ? whole : `${whole}#${anchor}`);
  });
}

test("every section, row, page and decision that code or a page names is in the repository", () => {
  const files = [...CODE, ...MARKDOWN].filter((path) => path !== SELF);
  expect(files.length).toBeGreaterThan(500);
  expect(files.flatMap((path) => [...dangling(path, read(path)), ...lost(path, read(path))])).toEqual([]);
});

test("every relative link of a page leads to a file, and to a heading of it", () => {
  expect(MARKDOWN.flatMap((path) => broken(path, read(path)))).toEqual([]);
});

test("every file that a page names by its path is there", () => {
  for (const path of MARKDOWN) {
    for (const [file] of read(path).matchAll(/\b(?:packages|services|test)\/[\w./-]+\.(?:ts|md|lua|mjs)\b/g)) {
      expect(existsSync(join(ROOT, file)), `${path} names ${file}`).toBe(true);
    }
  }
});

test("every word of the glossary is one that the code says, and has one line", () => {
  const said = CODE.filter((path) => /^(packages|services)\//.test(path))
    .map(read)
    .join("\n")
    .toLowerCase();
  const words = [...read("docs/glossary.md").matchAll(/^\| ([^|]+) \| [^|]+ \| [^|]+ \|$/gm)]
    .flatMap(([, ours = ""]) => ours.split(", "))
    .filter((word) => word !== "ours");
  expect(words.length).toBeGreaterThan(60);
  expect(words.filter((word) => !said.includes(word.toLowerCase()))).toEqual([]);
  expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
});

test.each([
  ["a section that the page does not have", "packages/record/src/a.ts", "docs/design.md §99"],
  ["a section of no page", "packages/record/src/a.ts", "the rule of §4"],
  ["a section that the wire contract does not have", "packages/zendesk/src/a.ts", "(§8.99)"],
  ["a row that the table does not have", "services/records/src/a.ts", "Rows 5 and 99."],
  ["a page that there is not", "packages/queue/src/a.ts", "docs/nowhere.md says why"],
  ["a heading that there is not", "packages/queue/src/a.ts", "docs/design.md#nowhere"],
  ["a decision that there is not", "packages/queue/src/a.ts", "decision 9999"],
  ["a paper from outside", "packages/queue/src/a.ts", "the traps that PITFALLS.md names"],
])("a reference to %s is noticed", (_, path, text) => {
  expect([...dangling(path, text), ...lost(path, text)]).toHaveLength(1);
});

test.each(["[a](nowhere.md)", "[a](design.md#nowhere)", "[a](#nowhere)"])("the link %s is noticed", (link) => {
  expect(broken("docs/design.md", link)).toHaveLength(1);
});
