import { existsSync, rmSync, statSync } from "node:fs";
import { basename } from "node:path";
import { Option } from "commander";
import { acting, readTimeOrAge, type Fleet } from "@sluice/operator";
import { SluiceError, systemClock, type SourceConfiguration } from "@sluice/runtime";
import { type RowRules } from "../backfill/file-rows.ts";
import { planBackfill, type BackfillPlan } from "../backfill/plan-backfill.ts";
import { runBackfill, type BackfillState } from "../backfill/run-backfill.ts";
import { CONFIG_OPTION, type AddCommand, type Shell } from "../command.ts";
import { counted } from "../terminal/counted.ts";
import { withFleet } from "../fleet-queue.ts";
import { invoker } from "../invoker.ts";
import { printable } from "../terminal/printable.ts";
import { createProgress } from "../terminal/progress.ts";
import { foreseenText } from "../replay/plan-text.ts";
import { chosenSource } from "../senders/chosen-source.ts";
import { journalOf } from "../transfer/journal.ts";
import { formatOf, readRows, type FileFormat } from "../transfer/source-row.ts";
import { assertUtf8, writeAsUtf8 } from "../transfer/text-encoding.ts";
import { bar, countText } from "../transfer/transfer-progress.ts";

type Asked = {
  readonly config?: string;
  readonly source: string;
  readonly type: string;
  readonly time?: string;
  readonly asOf?: string;
  readonly format?: FileFormat;
  readonly encoding: string;
  readonly yes?: boolean;
  readonly resume?: boolean;
  readonly json?: boolean;
};

/** `backfill`: the rows of a file through the mapping of a source, so that versions decide and not the time of the import. */
export const backfillCommand: AddCommand = (program, shell) => {
  program
    .command("backfill <file>")
    .description(
      "takes the rows of a CSV or NDJSON file in as events of a source: an old file never overwrites a newer value; without --yes only the plan",
    )
    .option(...CONFIG_OPTION)
    .requiredOption("--source <name>", "whose mapping the rows go through; each row is an event's `data`")
    .option("--type <type>", "the type of the events", "file.row")
    .option("--time <column>", "the column that says when a row's event happened: its `time`")
    .option(
      "--as-of <time>",
      "when the file was true: a time, or how long ago (2h, 7d). Without it, when it was last changed. What came in later wins where versions are equal, or missing",
    )
    .addOption(new Option("--format <format>", "otherwise by the file's name").choices(["csv", "ndjson"]))
    .option("--encoding <name>", "how the file is written, such as windows-1252", "utf-8")
    .option("--yes", "do it, once it is planned")
    .option("--resume", "goes on where an earlier run stopped")
    .option("--json", "the plan, or the result, as JSON")
    .action(async (file: string, asked: Asked) => {
      const act = async (fleet: Fleet): Promise<void> =>
        await backfill(shell, fleet, { file, source: chosenSource(fleet.configuration, asked.source), asked });
      await withFleet(shell.settings(asked.config), act, "door");
    });
};

type Given = { readonly file: string; readonly source: SourceConfiguration; readonly asked: Asked };

async function backfill(shell: Shell, fleet: Fleet, given: Given): Promise<void> {
  const { file, asked } = given;
  const format = asked.format ?? formatOf(file);
  if (format === undefined || !existsSync(file)) {
    throw new SluiceError(existsSync(file) ? `${file} is neither .csv nor .ndjson` : `there is no ${file}`, {
      code: "import_file_unusable",
      hint: "name a file that ends in .csv, .ndjson or .jsonl, or say --format",
    });
  }
  const isUtf8 = /^utf-?8$/i.test(asked.encoding);
  const readFrom = isUtf8 ? file : `${file}.utf8`;
  if (isUtf8) await assertUtf8(file);
  else await writeAsUtf8(file, asked.encoding, readFrom);
  const isDone = await (asked.resume === true
    ? resume(fleet, given, { readFrom, format })
    : begin(fleet, given, { readFrom, format }));
  if (!isUtf8) rmSync(readFrom, { force: true });
  if (!isDone) shell.exit(1);
}

type Readable = { readonly readFrom: string; readonly format: FileFormat };

/** Plans, and does what was planned if that was asked for. @returns whether every row could be read */
async function begin(fleet: Fleet, given: Given, { readFrom, format }: Readable): Promise<boolean> {
  const { file, source, asked } = given;
  const rules: Omit<RowRules, "session" | "run"> = {
    file: basename(file),
    type: asked.type,
    time: asked.time,
    asOfMicros: Math.floor(asOfMs(file, asked.asOf) * 1000),
  };
  const progress = createProgress(process.stderr, () => performance.now());
  const { size } = statSync(readFrom);
  const isDated = asked.asOf !== undefined;
  const plan = await planBackfill(readRows(readFrom, format, { offset: 0, line: 0 }), fleet, {
    source,
    rules: { ...rules, run: 0, session: 0 },
    isDated,
    onRow: ({ endsAt, line }) => progress.show(`planning  ${bar(endsAt / size)}  ${countText(line)} lines`),
  }).finally(() => progress.clear());
  if (asked.json !== true) console.log(planText(plan, given));
  if (asked.yes !== true) {
    if (asked.json === true) console.log(JSON.stringify(plan));
    else console.log("\nNothing was done: --yes does it.");
    return plan.rejected === 0;
  }
  const run = await fleet.queue.nextRun();
  const state = { ...rules, run, source: source.name, offset: 0, line: 0, taken: 0, rejected: 0 };
  return await carryOut(fleet, given, { readFrom, format }, state);
}

async function resume(fleet: Fleet, given: Given, readable: Readable): Promise<boolean> {
  const { file, source } = given;
  const state = journalOf<BackfillState>(`${file}.backfill.json`).read();
  if (state === undefined || state.source !== source.name || state.offset > statSync(readable.readFrom).size) {
    throw new SluiceError(`${file}.backfill.json is ${state === undefined ? "not there" : "of another backfill"}`, {
      code: "import_not_resumable",
      hint: "start without --resume: rows that were taken in already change nothing that is newer",
    });
  }
  return await carryOut(fleet, given, readable, state);
}

async function carryOut(
  { configuration, queue }: Fleet,
  { file, source, asked }: Given,
  { readFrom, format }: Readable,
  state: BackfillState,
): Promise<boolean> {
  const progress = createProgress(process.stderr, () => performance.now());
  const { size } = statSync(readFrom);
  const act = { action: "backfill", target: source.name };
  const details = { file: state.file, run: state.run };
  try {
    const { end } = await acting(queue, invoker(), act, async () => {
      const ended = await runBackfill(queue, {
        rows: readRows(readFrom, format, state),
        source,
        configuration,
        state,
        journal: journalOf<BackfillState>(`${file}.backfill.json`),
        rejectsPath: `${file}.rejected.ndjson`,
        onProgress: ({ offset, taken, rejected }, waitsFor) =>
          progress.show(
            `${bar(size === 0 ? 1 : offset / size)}  ${countText(taken)} taken in` +
              `${rejected > 0 ? `, ${countText(rejected)} rejected` : ""}${waitsFor === null ? "" : `  ${waitsFor}`}`,
          ),
      });
      return { word: "done", details: { ...details, taken: ended.taken, rejected: ended.rejected }, end: ended };
    });
    progress.clear();
    const { taken, rejected, run } = end;
    if (asked.json === true) console.log(JSON.stringify({ run, taken, rejected }));
    else {
      console.log(
        `${countText(taken)} rows taken in and understood as replay ${run}; ${countText(rejected)} rejected.`,
      );
      if (rejected > 0) console.log(`Each with its line and the reason: ${file}.rejected.ndjson`);
    }
    return rejected === 0;
  } catch (error) {
    progress.clear();
    console.error(`Stopped; what is done is in ${file}.backfill.json, and --resume goes on from there.`);
    throw error;
  }
}

/** When the file was true. @throws SluiceError `option_invalid` */
function asOfMs(file: string, text: string | undefined): number {
  const nowMs = systemClock.nowMs();
  if (text === undefined) return Math.min(statSync(file).mtimeMs, nowMs);
  const atMs = readTimeOrAge(text, nowMs);
  if (atMs !== null && atMs <= nowMs) return atMs;
  throw new SluiceError(`--as-of is ${JSON.stringify(text)}`, {
    code: "option_invalid",
    hint: "give a time that is over, as RFC 3339 or as how long ago: 2h, 7d",
  });
}

function planText(plan: BackfillPlan, { file, source, asked }: Given): string {
  const { rows, rejected, rejects, would } = plan;
  const lines = [`${counted(rows, "row")} of ${file}, as events "${asked.type}" of ${source.name}.`, ""];
  for (const { line, reason } of rejects) lines.push(printable(`line ${line}: ${reason}`));
  if (rejected > rejects.length) lines.push(`… and ${countText(rejected - rejects.length)} more that can't be read`);
  if (rejects.length > 0) lines.push("");
  lines.push(...foreseenText(plan));
  if ((would.ignored ?? 0) > 0) {
    lines.push("", `Rows that nobody wants may be of another type: --type names the one that \`when\` asks for.`);
  }
  return lines.join("\n");
}
