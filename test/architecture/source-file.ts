import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** A file of the tree as the rules see it: its path from the root, with `/`, and its text. */
export type SourceFile = { readonly path: string; readonly text: string };

/** The imports of one statement: `import`, `export … from`, `import(…)`; `typeOnly` costs nothing at run time. */
export type Import = { readonly specifier: string; readonly typeOnly: boolean };

const CODE = /\.(tsx?|mjs)$|(^|\/)package\.json$/;
/** Files that people write comments in: code, scripts, migrations, styles and manifests. */
export const COMMENTED = /\.(tsx?|mjs|lua|sql|css|sh|ya?ml)$/;
const NOT_READ = new Set(["node_modules", "vectors", "planted"]);
/** A planted file is named `….ts.txt`, so that no compiler, linter or test runner takes it for one of ours. */
const PLANTED_ENDING = /\.txt$/;

/** Every file of this kind below `folders` of `root`: TypeScript and manifests of packages, unless it is said. */
export function readTree(root: string, folders: readonly string[], kind = CODE): SourceFile[] {
  const files: SourceFile[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const place = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!NOT_READ.has(entry.name)) visit(place);
        continue;
      }
      const path = relative(root, place).split(sep).join("/").replace(PLANTED_ENDING, "");
      if (kind.test(path)) files.push({ path, text: readFileSync(place, "utf8") });
    }
  };
  for (const folder of folders) visit(join(root, folder));
  return files;
}

/** Tests, and files that only tests import, may look at a clock and at other packages. */
export function isTest({ path }: SourceFile): boolean {
  return /\.(test|fixture)\.ts$|(^|\/)under-test\.ts$/.test(path);
}

/** `packages/queue` of `packages/queue/src/lane.ts`. */
export function packageOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}

export function importsOf({ text }: SourceFile): Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const { 1: typeOnly, 2: specifier } of code.matchAll(STATEMENT)) {
    found.push({ specifier: specifier ?? "", typeOnly: typeOnly !== undefined });
  }
  for (const { 1: specifier } of code.matchAll(CALL)) found.push({ specifier: specifier ?? "", typeOnly: false });
  return found;
}

const STATEMENT =
  /(?:^|[;}])[ \t]*(?:import|export)\s+(type\s+)?(?:[\w$*{][\w$\s,*{}]*?\bfrom\s*|(?=["']))["']([^"'\n]+)["']/gm;
const CALL = /\b(?:import|require)\s*\(\s*["'`]([^"'`\n]+)["'`]/g;

/** The text with its comments blanked; strings and patterns that look like comments are left alone. */
export function withoutComments(text: string): string {
  return text.replaceAll(TOKEN, (token) => (/^\/[/*]/.test(token) ? token.replaceAll(/[^\n]/g, " ") : token));
}

/** The comments of a file, without their opening marks. Lines of comment that follow one another are one comment, told by the first. */
export function commentsOf({ path, text }: SourceFile): readonly string[] {
  const mark = /\.(?:lua|sql)$/.test(path) ? "--" : /\.(?:sh|ya?ml)$/.test(path) ? "#" : null;
  if (mark !== null) {
    const lines = text.split("\n").map((line) => line.trim());
    const firsts = lines.filter((line, at) => line.startsWith(mark) && lines[at - 1]?.startsWith(mark) !== true);
    return firsts.map((line) => line.slice(mark.length).trim());
  }
  const found: string[] = [];
  let lineEnd = -1;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (!/^\/[/*]/.test(token)) continue;
    const goesOn = token.startsWith("//") && lineEnd >= 0 && text.slice(lineEnd, index).trim() === "";
    if (!goesOn) found.push(token.replace(/^\/(?:\/|\*+)[\s*]*/, "").replace(/\s*\*\/$/, ""));
    lineEnd = token.startsWith("//") ? index + token.length : -1;
  }
  return found;
}

const TOKEN = new RegExp(
  [
    /\/\/[^\n]*/, // to the end of the line
    /\/\*[\s\S]*?\*\//,
    /"(?:\\.|[^"\\\n])*"/,
    /'(?:\\.|[^'\\\n])*'/,
    /`(?:\\[\s\S]|[^`\\])*`/,
    // A pattern stands where a value may begin; elsewhere a slash divides.
    /(?<=[(,=:[!&|?{};>\n]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//,
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);
