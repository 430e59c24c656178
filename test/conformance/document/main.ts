import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startRecords } from "@sluice/records";
import { createLog, openDatabase, systemClock } from "@sluice/runtime";
import { parse } from "yaml";
import { describe } from "./described.ts";
import { differencesOf, type Difference } from "./differences.ts";
import { whyMeant } from "./meant.ts";

const USAGE = `pnpm conformance:document --document PATH|URL [--ours PATH|URL] [--all]

  --document …   a copy of the vendor's OpenAPI document, JSON or YAML
  --ours …       /openapi.json of a store; without it one is started for the purpose
  --all          the differences that are meant, too, each with its reason

Exit code 1: there is a difference that is not meant.`;

const { values } = parseArgs({
  options: {
    document: { type: "string" },
    ours: { type: "string" },
    all: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help || values.document === undefined) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

const vendor = describe(parse(await textOf(values.document)));
const ours = describe(parse(values.ours === undefined ? await ownDocument() : await textOf(values.ours)));
const differences = differencesOf(vendor, ours).map((each) => ({ ...each, why: whyMeant(each) }));
const unmeant = differences.filter(({ why }) => why === undefined);
let operation = "";
for (const each of values.all ? differences : unmeant) {
  if (each.operation !== operation) console.log(`\n${(operation = each.operation)}`);
  console.log(`  ${line(each)}${each.why === undefined ? "" : `   (${each.why})`}`);
}
const shared = [...vendor.operations.keys()].filter((name) => ours.operations.has(name)).length;
console.log(
  `\n${shared} operations are in both documents; ${differences.length - unmeant.length} differences are meant, ${unmeant.length} are not.`,
);
process.exitCode = unmeant.length > 0 ? 1 : 0;

function line({ kind, what, how }: Difference): string {
  const subject = kind === "operation" ? "the operation" : `${kind} ${what}`;
  return typeof how === "string" ? `${subject}: ${how}` : `${subject}: ${how.vendor} there, ${how.ours} here`;
}

async function textOf(place: string): Promise<string> {
  if (!/^https?:\/\//.test(place)) return readFileSync(place, "utf8");
  const answer = await fetch(place);
  if (!answer.ok) throw new Error(`${place} answered ${answer.status}`);
  return await answer.text();
}

async function ownDocument(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-document-"));
  const log = createLog({ role: "document", level: "silent" });
  const database = await openDatabase({ dataDir, log });
  const store = await startRecords({ database, tokens: [], port: 0, clock: systemClock, log });
  try {
    return await textOf(`${store.url}/openapi.json`);
  } finally {
    await store.close();
    await database.close();
    rmSync(dataDir, { recursive: true });
  }
}
