import type { SourceFile } from "./source-file.ts";

/** One sentence of ARCHITECTURE.md that a machine can check. */
export type Rule = {
  readonly name: string;
  /** What a file does that it may not do; nothing, when it keeps the rule. */
  violations(file: SourceFile): readonly string[];
};

/** Which other parts a part may import (DESIGN §6); its own files it may always. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "packages/event": [],
  "packages/record": ["event"],
  "packages/queue": ["event", "record"],
  "packages/zendesk": ["event"],
  "packages/history": ["event", "record"],
  "packages/runtime": ["event", "record"],
  "packages/cli": [
    "event",
    "record",
    "queue",
    "zendesk",
    "history",
    "runtime",
    "ingress",
    "worker",
    "records",
    "console",
  ],
  "services/ingress": ["event", "record", "queue", "history", "runtime"],
  "services/worker": ["event", "record", "queue", "zendesk", "history", "runtime"],
  // The store knows nothing of events: it could serve somebody who has none.
  "services/records": ["zendesk", "runtime"],
  "services/console": ["event", "record", "queue", "history", "runtime"],
};

/** Which folders may import a library; no others may. */
const KNOWN_ONLY_TO: Readonly<Record<string, readonly string[]>> = {
  bullmq: ["packages/queue/"],
  ioredis: ["packages/queue/", "packages/runtime/src/redis/"],
  opossum: ["services/worker/"],
  pg: ["packages/runtime/src/database/"],
  "@electric-sql/pglite": ["packages/runtime/src/database/"],
  jsonata: ["packages/record/"],
  commander: ["packages/cli/"],
  undici: ["packages/zendesk/src/client/"],
};

/** These decide and do nothing else: the same input gives the same answer, on any day, on any machine. */
const PURE = /^packages\/(event|record)\/|^packages\/zendesk\/src\/(?!client\/)/;
const PURE_BUILTINS = ["node:crypto", "node:util", "node:buffer"];
const IMPURE = [
  /\bDate\.now\b/,
  /\bnew Date\(\s*\)/,
  /\bMath\.random\b/,
  /\bprocess\./,
  /\bperformance\./,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  /\bfetch\(/,
  /\brandom(?:UUID|Bytes|Int)\b/,
  /\bconsole\./,
] as const;

const HOMELESS = /\/(utils?|helpers?|common|lib|types|models?)(\/|\.ts$)/;
const MOST_LINES = 400;

export const RULES: readonly Rule[] = [
  {
    name: "arrows go one way",
    violations: ({ part, imports }) =>
      imports.flatMap((imported) => {
        const target = /^@sluice\/([^/]+)/.exec(imported)?.[1];
        const allowed = ARROWS[part];
        if (allowed === undefined) return [`${part} is no part of DESIGN §6`];
        return target === undefined || allowed.includes(target) ? [] : [`imports ${imported}`];
      }),
  },
  {
    name: "parts meet at their entries",
    violations: ({ path, imports }) =>
      imports.filter((imported) => {
        if (!imported.startsWith(".")) return /^@sluice\/[^/]+\/(?!client$)/.test(imported);
        const depth = path.split("/").length - 3;
        return imported.split("../").length - 1 > depth;
      }),
  },
  {
    name: "each library has one home",
    violations: ({ path, isTest, imports }) =>
      imports.filter((imported) => {
        const homes = KNOWN_ONLY_TO[imported];
        return homes !== undefined && !isTest && !homes.some((home) => path.startsWith(home));
      }),
  },
  {
    name: "event, record and the wire contract are pure",
    violations({ path, isTest, imports, code }) {
      if (isTest || !PURE.test(path)) return [];
      const touched = imports.filter((imported) => imported.startsWith("node:") && !PURE_BUILTINS.includes(imported));
      return [...touched, ...IMPURE.flatMap((pattern) => pattern.exec(code)?.[0] ?? [])];
    },
  },
  {
    name: "nothing lives in a folder without a name",
    violations: ({ path }) => (HOMELESS.test(path) ? [path] : []),
  },
  {
    name: "a file is one concept",
    violations: ({ text }) => {
      const lines = text.split("\n").length;
      return lines > MOST_LINES ? [`${lines} lines`] : [];
    },
  },
  {
    name: "entries list names",
    violations: ({ path, code }) => (path.endsWith("/index.ts") && /export \*/.test(code) ? ["export *"] : []),
  },
  {
    name: "nothing is left for later",
    violations: ({ text }) => text.match(/\b(TODO|FIXME|XXX)\b/g) ?? [],
  },
];

export type Violation = { readonly rule: string; readonly path: string; readonly what: string };

export function violationsOf(files: readonly SourceFile[]): readonly Violation[] {
  return RULES.flatMap(({ name, violations }) =>
    files.flatMap((file) => violations(file).map((what) => ({ rule: name, path: file.path, what }))),
  );
}
