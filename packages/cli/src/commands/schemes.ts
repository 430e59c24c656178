import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gradeOf, senders, type Scheme, type Sender } from "@sluice/event";
import type { AddCommand } from "../command.ts";
import { batches, guidePages, thinness } from "../senders/guide.ts";
import { table } from "../terminal/table.ts";

type Options = { readonly json?: boolean; readonly guides?: string };

export const schemesCommand: AddCommand = (program) => {
  program
    .command("schemes")
    .description("the senders that sluice.yaml may name, and what a request of each proves")
    .option("--json", "the same as JSON")
    .option("--guides <folder>", "write the page of each sender into this folder instead")
    .action(({ json, guides }: Options) => {
      if (guides !== undefined) {
        console.log(writeGuides(guides));
        return;
      }
      const rows = senders().map(rowOf);
      console.log(json === true ? JSON.stringify(rows, null, 2) : describe(rows));
    });
};

type Row = {
  readonly name: string;
  readonly title: string;
  readonly grade: string;
  readonly secret: string;
  readonly batches: boolean;
  readonly thin: string;
};

function rowOf(sender: Sender): Row {
  const { name, title, check } = sender;
  return {
    name,
    title,
    grade: gradeOf(sender),
    secret: kindOf(check),
    batches: batches(sender),
    thin: thinness(sender),
  };
}

/** The kind of `secrets` in two words; the sender's page says more. */
function kindOf(check: Scheme["check"]): string {
  switch (check.type) {
    case "signature":
      if (check.remote !== undefined) return "its client id";
      if (check.key === "utf8") return "key as text";
      return check.key === "pem-bundle" || check.alg === "ed25519" ? "public key" : `key in ${check.key}`;
    case "members":
      if (check.remote !== undefined) return check.remote.recipient;
      return check.key === "utf8" ? "key as text" : `key in ${check.key}`;
    case "token":
      return check.from.startsWith("xml:") ? "organisation's id" : "shared token";
    case "basic":
      return "user:password";
    case "bearer":
      return "bearer token";
    case "jwt":
      return check.jwks === true ? "key set or its URL" : "signing key";
    case "ip":
      return "addresses";
    case "mtls-header":
      return "certificate's fingerprint";
    case "any":
      return check.of.map(kindOf).join(" or ");
    case "none":
      return "none";
  }
}

function describe(rows: readonly Row[]): string {
  const lines = rows.map((row) => [row.name, row.title, row.grade, row.secret, row.batches ? "yes" : "", row.thin]);
  const head = ["scheme", "sender", "a request proves", "secret", "batches", "thin"];
  return `${table([head, ...lines])}\n\nnext: sluice init SCHEME writes a source into sluice.yaml; docs/senders/SCHEME.md says what to do at the sender`;
}

function writeGuides(folder: string): string {
  const pages = guidePages(senders());
  mkdirSync(folder, { recursive: true });
  for (const { file, text } of pages) writeFileSync(join(folder, file), text);
  return `${pages.length} files written to ${folder}`;
}
