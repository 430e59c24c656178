import { commentsOf, importsOf, isTest, packageOf, withoutComments, type SourceFile } from "./source-file.ts";

/**
 * One rule of the tree (ARCHITECTURE.md, Invariants): which files break it, and how. `planted` names the folder with
 * files that break it on purpose, or has them where only their paths matter, so that a rule which stopped working is noticed.
 */
export type Rule = {
  readonly sentence: string;
  readonly planted: string | readonly SourceFile[];
  /** The rule is about comments, and so about every file that has some. */
  readonly everywhere?: true;
  violations(files: readonly SourceFile[]): string[];
};

/** The packages that each package may import. A package without a row has no place in the architecture yet. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "packages/event": [],
  "packages/record": ["event"],
  "packages/group-commit": [],
  "packages/redis-address": [],
  "packages/tracing": [],
  "packages/queue": ["redis-address", "group-commit", "record", "event"],
  "packages/zendesk": ["event"],
  "packages/destination": ["zendesk", "record", "event"],
  "packages/runtime": ["redis-address", "record", "event"],
  "packages/history": ["runtime", "record", "event"],
  "packages/exporter": ["queue", "runtime", "record"],
  "packages/operator": ["queue", "destination", "runtime", "record", "event"],
  "services/ingress": ["exporter", "queue", "tracing", "runtime", "record", "event"],
  "services/worker": ["exporter", "queue", "destination", "history", "tracing", "runtime", "record", "event"],
  // The store may not even know `event`: it is a store with an API, like the one that it stands in for.
  "services/records": ["group-commit", "zendesk", "runtime"],
  "services/console": ["exporter", "operator", "queue", "destination", "history", "runtime", "record", "event"],
  "packages/cli": [
    "ingress",
    "worker",
    "console",
    "records",
    "operator",
    "history",
    "queue",
    "destination",
    "zendesk",
    "tracing",
    "runtime",
    "record",
    "event",
  ],
};

/** The only folders, or the one file, that may know a library. */
const KNOWERS: Readonly<Record<string, readonly string[]>> = {
  bullmq: ["packages/queue/"],
  ioredis: ["packages/queue/", "packages/runtime/src/redis/"],
  opossum: ["services/worker/src/requests/breaker.ts"],
  undici: ["packages/destination/src/http/"],
  pg: ["packages/runtime/src/database/"],
  "@electric-sql/pglite": ["packages/runtime/src/database/"],
  jsonata: ["packages/record/"],
  "@opentelemetry": ["packages/tracing/"],
  // The kind of destination alone says the meaning of an answer: no status and no vendor's word is read elsewhere.
  // A document's source, and a receiver of webhooks about issues, are no destinations.
  "@sluice/destination/http": ["services/worker/src/fetch/", "services/console/src/issues/"],
  "@sluice/destination/zendesk": ["packages/cli/"],
};

/** Folders without I/O, clock, chance or environment. */
const PURE = ["packages/event/src/", "packages/record/src/", "packages/zendesk/src/"];
// These scripts are text that runs at the sender.
const NOT_PURE = ["netsuite", "servicenow"].map((name) => `packages/event/src/schemes/${name}-script.ts`);
/** The packages that a pure folder may import from outside: each of them computes and does nothing else. */
const PURE_IMPORTS = new Set(["node:crypto", "jose", "jsonata", "re2js", "saxes", "zod"]);
const IMPURE: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    "reads the clock",
    /\bDate\.now\b|\bnew Date(?:\(\s*\)|(?!\s*\())|(?<!new |\/)\bDate\(|\bperformance\.|\bTemporal\.Now\b/,
  ],
  ["takes chance", /\bMath\.random\b|\brandom(?:UUID|Bytes|Int|Fill|FillSync)\b|\bgetRandomValues\b/],
  ["reads the environment", /\bprocess\b(?=\.|\[)|\bimport\.meta\.(?:url|dirname|filename)\b/],
  ["waits", /\bset(?:Timeout|Interval|Immediate)\s*\(/],
  ["does I/O", /\bfetch\s*\(|\bconsole\./],
];

/** Folders about a write and its verdict, whatever the destination is: HTTP, SQL and vendors' words have no place there. */
const KIND_FREE = ["packages/record/src/", "services/worker/src/"];
// A document is fetched over HTTP, which is no destination.
const NOT_KIND_FREE = ["services/worker/src/fetch/"];
const KIND_WORDS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["reads an HTTP status", /\b(?:status(?:Code)?|code)\s*(?:[=!]==|[<>]=?)\s*[1-5]\d\d\b|\bcase [1-5]\d\d:/],
  ["names a vendor", /zendesk|RecordNotFound|TooManyJobs|custom_object/i],
  ["reads an SQL state", /["'](?:[0-5]\d|P0|XX)[0-9A-Z]{3}["']|\bsqlState\b/i],
];

const SHELF_NAMES = /^(?:utils?|utilities|helpers?|common|libs?|misc|shared|types|models)$/i;

/** Files in one folder beside their tests: where there are more, they have more than one theme. */
const MOST_FILES = 20;
/** Folders of cases, a file each, that grow with the cases: senders twice, and commands. Scripts in Lua, Redis' commands of ours, are no code here. */
const FOLDERS_OF_CASES = ["packages/event/src/schemes", "packages/event/src/presets", "packages/cli/src/commands"];

/** Exported names that may have two homes: each service has its own API, and each package its limits. The list only shrinks. */
const TWICE: ReadonlySet<string> = new Set([
  "LIMITS",
  "Operation",
  "Route",
  "openApiDocument",
  "operation",
  "recordRoutes",
  "route",
  "routerOf",
]);
const EXPORTED = /^export (?:async )?(?:const|let|function\*?|class|type|interface) ([\w$]+)/gm;

/** The entries of packages that have more than one. */
const ENTRIES: Readonly<Record<string, string>> = {
  "packages/destination": ".,./http,./zendesk",
  "packages/runtime": ".,./command",
};

/** Words that a comment begins with where it does not say what it is about. */
const NO_SUBJECT = /^(?:What|Of|Those|Whatever|Whoever|Who|One (?:that|who|which|whose))\b/;

export const RULES: readonly Rule[] = [
  {
    sentence: "imports between packages follow the arrows",
    planted: "arrows",
    violations: (files) =>
      files.flatMap((file) => {
        const own = packageOf(file.path);
        const allowed = ARROWS[own];
        if (allowed === undefined) return [`${file.path}: ${own} has no place in the arrows`];
        if (isTest(file)) return [];
        return sluiceImports(file)
          .filter(({ name }) => name !== own.split("/")[1] && !allowed.includes(name))
          .map(({ name }) => `${file.path}: ${own} may not know @sluice/${name}`);
      }),
  },
  {
    sentence: "event, record and the wire contract do no I/O and read no clock, chance or environment",
    planted: "pure",
    violations: (files) =>
      files.filter(isPure).flatMap((file) => {
        const code = withoutComments(file.text);
        const acts = IMPURE.filter(([, pattern]) => pattern.test(code)).map(([what]) => `${file.path}: ${what}`);
        const imports = importsOf(file)
          .map(({ specifier }) => specifier)
          .filter((name) => !name.startsWith(".") && !name.startsWith("@sluice/") && !PURE_IMPORTS.has(name))
          .map((name) => `${file.path}: imports ${name}`);
        return [...acts, ...imports];
      }),
  },
  {
    sentence: "each library is known to one part only",
    planted: "knowers",
    violations: (files) =>
      files
        .filter((file) => !isTest(file))
        .flatMap((file) =>
          importsOf(file).flatMap(({ specifier }) => {
            const library = Object.keys(KNOWERS).find((name) => specifier === name || specifier.startsWith(`${name}/`));
            if (library === undefined || KNOWERS[library]?.some((place) => file.path.startsWith(place))) return [];
            return [`${file.path}: imports ${library}`];
          }),
        ),
  },
  {
    sentence:
      "record and the worker's writer know no kind of destination: no HTTP status, no vendor's word, no SQL state",
    planted: "kinds",
    violations: (files) =>
      files
        .filter((file) => KIND_FREE.some((place) => file.path.startsWith(place)) && !isTest(file))
        .filter((file) => !NOT_KIND_FREE.some((place) => file.path.startsWith(place)))
        .flatMap((file) => {
          const code = withoutComments(file.text);
          return KIND_WORDS.filter(([, pattern]) => pattern.test(code)).map(([what]) => `${file.path}: ${what}`);
        }),
  },
  {
    sentence: "only queue writes the name of a Redis key",
    planted: "keys",
    violations: (files) =>
      files
        .filter((file) => !isTest(file) && packageOf(file.path) !== "packages/queue")
        .filter((file) => /\{sluice:/.test(withoutComments(file.text)))
        .map((file) => `${file.path}: writes {sluice:`),
  },
  {
    sentence: "a package is entered through its exports, and only there",
    planted: "entries",
    violations: (files) => {
      const entries = entriesOf(files);
      return files.flatMap((file) => [
        ...sluiceImports(file)
          .filter(({ specifier }) => !entries.has(specifier))
          .map(({ specifier }) => `${file.path}: ${specifier} is no public entry`),
        ...importsOf(file)
          .filter(({ specifier }) => leaves(file.path, specifier))
          .map(({ specifier }) => `${file.path}: ${specifier} leaves the package`),
      ]);
    },
  },
  {
    sentence:
      "a package has one public entry, index.ts; destination has its HTTP and its Zendesk besides, runtime the part for commands",
    planted: "manifests",
    violations: (files) =>
      manifestsOf(files).flatMap(({ path, manifest }) => {
        if (packageOf(path) === "packages/cli") return [];
        const expected = ENTRIES[packageOf(path)] ?? ".";
        const { exports } = manifest;
        if (exports === undefined) return [`${path}: has no exports`];
        const found = Object.keys(exports).toSorted().join();
        const elsewhere = Object.values(exports).filter((entry) => !entry.endsWith("/index.ts"));
        return [
          ...(found === expected ? [] : [`${path}: exports ${found}`]),
          ...elsewhere.map((entry) => `${path}: ${entry} is no index.ts`),
        ];
      }),
  },
  {
    sentence: "what is exported is listed by name",
    planted: "export-star",
    violations: (files) =>
      files
        .filter((file) => /(?:^|[;}])[ \t]*export\s+(?:type\s+)?\*/m.test(withoutComments(file.text)))
        .map((file) => `${file.path}: export *`),
  },
  {
    sentence: "a comment begins with what it is about",
    planted: "prose",
    everywhere: true,
    violations: (files) =>
      files.flatMap((file) =>
        commentsOf(file)
          .filter((comment) => NO_SUBJECT.test(comment))
          .map((comment) => `${file.path}: "${comment.split("\n")[0]!.slice(0, 60)}"`),
      ),
  },
  {
    sentence: "an exported name has one home",
    planted: "homes",
    violations: (files) => {
      const exported = files
        .filter((file) => !isTest(file))
        .flatMap((file) =>
          [...withoutComments(file.text).matchAll(EXPORTED)].map(([, name = ""]) => ({ name, path: file.path })),
        );
      const homes = Map.groupBy(exported, ({ name }) => name);
      const doubles = [...homes].filter(([, all]) => new Set(all.map(({ path }) => path)).size > 1);
      const names = new Set(doubles.map(([name]) => name));
      return [
        ...doubles
          .filter(([name]) => !TWICE.has(name))
          .flatMap(([name, all]) => all.map(({ path }) => `${path}: ${name} is exported elsewhere, too`)),
        ...[...TWICE]
          .filter((name) => !names.has(name))
          .map((name) => `${name} has one home, and need not be allowed two`),
      ];
    },
  },
  {
    sentence: "no file or folder is a shelf (util, helpers, common, lib, types …)",
    planted: "shelves",
    violations: (files) =>
      files
        .filter(({ path }) => path.split("/").some((part) => SHELF_NAMES.test(part.replace(/\..*$/, ""))))
        .map(({ path }) => `${path}: is a shelf`),
  },
  {
    sentence: `a folder has at most ${MOST_FILES} files beside tests`,
    planted: Array.from({ length: MOST_FILES + 1 }, (_, at) => ({
      path: `packages/queue/src/lanes/${at}.ts`,
      text: "",
    })),
    violations: (files) => {
      const folders = Map.groupBy(
        files.filter((file) => !isTest(file)),
        ({ path }) => path.slice(0, path.lastIndexOf("/")),
      );
      return [...folders]
        .filter(([folder, all]) => all.length > MOST_FILES && !FOLDERS_OF_CASES.includes(folder))
        .flatMap(([, all]) => all.map(({ path }) => `${path}: is one of ${all.length} files in its folder`));
    },
  },
];

function isPure(file: SourceFile): boolean {
  return (
    PURE.some((place) => file.path.startsWith(place)) &&
    !NOT_PURE.some((place) => file.path.startsWith(place)) &&
    !isTest(file)
  );
}

function sluiceImports(file: SourceFile): { specifier: string; name: string }[] {
  return importsOf(file)
    .filter(({ specifier }) => specifier.startsWith("@sluice/"))
    .map(({ specifier }) => ({ specifier, name: specifier.split("/")[1] ?? "" }));
}

function leaves(path: string, specifier: string): boolean {
  if (!specifier.startsWith(".")) return false;
  const { pathname } = new URL(specifier, `file:///${path}`);
  return packageOf(pathname.slice(1)) !== packageOf(path);
}

type Manifest = { readonly name?: string; readonly exports?: Readonly<Record<string, string>> };

function manifestsOf(files: readonly SourceFile[]): { path: string; manifest: Manifest }[] {
  return files
    .filter(({ path }) => path.endsWith("/package.json"))
    .map(({ path, text }) => ({ path, manifest: JSON.parse(text) as Manifest }));
}

function entriesOf(files: readonly SourceFile[]): Set<string> {
  const entries = manifestsOf(files).flatMap(({ manifest: { name = "", exports = {} } }) =>
    Object.keys(exports).map((entry) => name + entry.slice(1)),
  );
  return new Set(entries);
}
