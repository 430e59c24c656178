import { existsSync, rmSync } from "node:fs";
import { Option, type Command } from "commander";
import { readToken, SluiceError } from "@sluice/runtime";
import type { AddCommand, Shell } from "../command.ts";
import { createProgress } from "../terminal/progress.ts";
import { exportRecords } from "../transfer/export-records.ts";
import { importRecords } from "../transfer/import-records.ts";
import { openRecordsApi, type RecordsApi } from "../transfer/records-api.ts";
import { compileRowMapping } from "../transfer/row-mapping.ts";
import { formatOf, type FileFormat } from "../transfer/source-row.ts";
import { assertUtf8, writeAsUtf8 } from "../transfer/text-encoding.ts";
import { countText, describeExport, describeImport } from "../transfer/transfer-progress.ts";

type Common = { object: string; url?: string; token?: string; format?: FileFormat; resume?: boolean };

type ImportCommand = Common & {
  readonly map?: string[];
  readonly key: "external_id" | "name";
  readonly encoding: string;
  readonly emptyClears?: boolean;
};

/** `sluice records import` and `export`, beside `sluice records`, which starts the store. */
export const recordsCommands: AddCommand = (program, shell) => {
  const records = program.commands.find((command) => command.name() === "records") ?? program.command("records");
  common(records.command("import <file>"))
    .description(
      "upserts the rows of a CSV or NDJSON file, a hundred at a time, over whatever values are there; `sluice backfill` overwrites nothing newer",
    )
    .option(
      "--map <target=column...>",
      "what becomes what; without it columns are external_id, name and fields by their own names",
    )
    .addOption(
      new Option("--key <key>", "what records are found by").choices(["external_id", "name"]).default("external_id"),
    )
    .option("--encoding <name>", "how the file is written, such as windows-1252", "utf-8")
    .option("--empty-clears", "an empty cell clears the field; otherwise it leaves it alone")
    .action(async (file: string, options: ImportCommand) => {
      const complete = await withApi(shell, options, async (api) => await runImport(api, file, options));
      if (!complete) shell.exit(1);
    });
  common(records.command("export"))
    .description("writes every record of an object as CSV or NDJSON")
    .option("--out <file>", "where to; otherwise to standard output")
    .action(async (options: Common & { out?: string }) => {
      await withApi(shell, options, async (api) => await runExport(api, options)).catch((error: unknown) => {
        // The reader of the output, such as `head`, has had enough.
        if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
      });
    });
};

function common(command: Command): Command {
  return command
    .requiredOption("--object <key>", "the custom object")
    .addOption(new Option("--format <format>", "otherwise by the file's name").choices(["csv", "ndjson"]))
    .option("--url <url>", "of the API (SLUICE_RECORDS_URL, the store on this machine)")
    .option("--token <token>", "bearer token, or email/token:token (SLUICE_RECORDS_TOKEN)")
    .option("--resume", "goes on where an earlier run stopped");
}

async function withApi<T>(shell: Shell, { url, token }: Common, work: (api: RecordsApi) => Promise<T>): Promise<T> {
  const { env, dataDir, ports } = shell.settings(undefined);
  const api = openRecordsApi(
    url ?? env["SLUICE_RECORDS_URL"] ?? `http://127.0.0.1:${ports.records}`,
    token ?? readToken("SLUICE_RECORDS_TOKEN", { env, dataDir }),
    (words) => console.error(words),
  );
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

async function runImport(
  api: RecordsApi,
  path: string,
  { object, key, map = [], emptyClears = false, resume = false, encoding, format = formatOf(path) }: ImportCommand,
): Promise<boolean> {
  if (format === undefined || !existsSync(path)) {
    throw new SluiceError(existsSync(path) ? `${path} is neither .csv nor .ndjson` : `there is no ${path}`, {
      code: "import_file_unusable",
      hint: "name a file that ends in .csv, .ndjson or .jsonl, or say --format",
    });
  }
  const mapping = compileRowMapping({ map, key, emptyClears, fields: await api.fieldsOf(object) });
  const isUtf8 = /^utf-?8$/i.test(encoding);
  const readFrom = isUtf8 ? path : `${path}.utf8`;
  // A run that is resumed must find every row where it was.
  if (isUtf8) await assertUtf8(path);
  else await writeAsUtf8(path, encoding, readFrom);
  console.error(
    "Rows are written over newer values too: `sluice backfill` takes them in as events, and overwrites nothing newer.",
  );
  const startedAt = performance.now();
  const progress = createProgress(process.stderr, () => performance.now());
  const onProgress = (tally: Parameters<typeof describeImport>[0]) =>
    progress.show(describeImport(tally, performance.now() - startedAt));
  try {
    const { written, rejected } = await importRecords(api, {
      path,
      readFrom,
      format,
      object,
      key,
      mapping,
      resume,
      onProgress,
    });
    if (!isUtf8) rmSync(readFrom, { force: true });
    progress.clear();
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(`${countText(written)} written in ${seconds.toFixed(1)} s, ${countText(rejected)} rejected.`);
    if (rejected > 0) console.log(`Each with its line and the reason: ${path}.rejected.ndjson`);
    return rejected === 0;
  } catch (error) {
    progress.clear();
    console.error(`Stopped; what is done is in ${path}.import.json, and --resume goes on from there.`);
    throw error;
  }
}

async function runExport(
  api: RecordsApi,
  { object, out, resume = false, format }: Common & { out?: string },
): Promise<void> {
  const startedAt = performance.now();
  const progress = createProgress(process.stderr, () => performance.now());
  const written = await exportRecords(api, {
    object,
    format: format ?? (out === undefined ? "ndjson" : (formatOf(out) ?? "ndjson")),
    path: out,
    resume,
    onProgress: (done, of) => progress.show(describeExport(done, of, performance.now() - startedAt)),
  });
  progress.clear();
  console.error(`${countText(written)} records exported.`);
}
