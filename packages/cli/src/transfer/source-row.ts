import { createReadStream } from "node:fs";
import { isObject, parseJson } from "@sluice/event";
import { parse, type CsvError } from "csv-parse";
import { SluiceError } from "@sluice/runtime";

/** A row as the file has it. */
export type SourceRow = {
  /** The line from 1, the header of a CSV file counted too. */
  readonly line: number;
  /** The byte where the next row begins. */
  readonly endsAt: number;
  readonly values: Readonly<Record<string, unknown>>;
  /** Why the row can't be read; `values` is empty then. */
  readonly unreadable?: string;
};

export type FileFormat = "csv" | "ndjson";

/** The place to begin at: behind the row that ended there. */
export type StartingPoint = { readonly offset: number; readonly line: number };

/** The format, by the file's name. */
export function formatOf(path: string): FileFormat | undefined {
  if (/\.csv$/i.test(path)) return "csv";
  return /\.(ndjson|jsonl)$/i.test(path) ? "ndjson" : undefined;
}

/** The rows of a file, one by one: the memory in use does not grow with the file. */
export function readRows(path: string, format: FileFormat, from: StartingPoint): AsyncIterable<SourceRow> {
  return format === "csv" ? csvRows(path, from) : ndjsonRows(path, from);
}

type CsvRecord = {
  readonly record: readonly string[];
  readonly info: { readonly bytes: number; readonly lines: number };
};

async function* csvRows(path: string, from: StartingPoint): AsyncIterable<SourceRow> {
  const header = await readHeader(path);
  if (header === undefined) return;
  const start = from.offset === 0 ? header : { ...from, columns: header.columns };
  const parser = createReadStream(path, { start: start.offset }).pipe(
    parse({ info: true, relax_column_count: true, skip_empty_lines: true, skip_records_with_error: true }),
  );
  const skipped: SourceRow[] = [];
  parser.on("skip", (fault: CsvError | undefined) => {
    if (fault === undefined) return;
    const line = start.line + Number(fault["lines"]);
    // The parser goes on within the row, and may complain of it again.
    if (skipped.at(-1)?.line === line) return;
    const unreadable = `is not CSV: ${fault.message} (a quote within a cell is written twice, in a cell with quotes around it)`;
    skipped.push({ line, endsAt: start.offset + Number(fault["bytes"]), values: {}, unreadable });
  });
  let told = 0;
  for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
    for (; told < skipped.length; told += 1) yield skipped[told]!;
    const place = { line: start.line + info.lines, endsAt: start.offset + info.bytes };
    if (record.length !== header.columns.length) {
      const unreadable = `has ${record.length} columns, the header has ${header.columns.length}`;
      yield { ...place, values: {}, unreadable };
      continue;
    }
    yield { ...place, values: Object.fromEntries(header.columns.map((column, index) => [column, record[index]])) };
  }
  yield* skipped.slice(told);
}

/** The names of the columns, and where the first row begins. */
async function readHeader(
  path: string,
): Promise<(StartingPoint & { readonly columns: readonly string[] }) | undefined> {
  const stream = createReadStream(path);
  const parser = stream.pipe(parse({ info: true, bom: true, to: 1, skip_empty_lines: true }));
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      const columns = record.map((name) => name.trim());
      const twice = columns.find((name, index) => name !== "" && columns.indexOf(name) !== index);
      if (twice === undefined) return { columns, offset: info.bytes, line: info.lines };
      throw new SluiceError(`${path} has two columns "${twice}"`, {
        code: "import_columns_ambiguous",
        hint: "name each column once, in its first line: only one of the two could be written",
      });
    }
    return undefined;
  } finally {
    stream.destroy();
  }
}

const NEWLINE = 0x0a;

async function* ndjsonRows(path: string, from: StartingPoint): AsyncIterable<SourceRow> {
  let { offset, line } = from;
  let rest: Buffer[] = [];
  const rowOf = (bytes: Buffer, withNewline: boolean): SourceRow | undefined => {
    line += 1;
    offset += bytes.length + (withNewline ? 1 : 0);
    const text = bytes
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .trim();
    return text === "" ? undefined : { line, endsAt: offset, ...parsed(text) };
  };
  for await (const chunk of createReadStream(path, { start: from.offset }) as AsyncIterable<Buffer>) {
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, begin)) {
      const row = rowOf(Buffer.concat([...rest, chunk.subarray(begin, end)]), true);
      if (row !== undefined) yield row;
      rest = [];
      begin = end + 1;
    }
    if (begin < chunk.length) rest.push(chunk.subarray(begin));
  }
  const last = Buffer.concat(rest);
  const row = last.length === 0 ? undefined : rowOf(last, false);
  if (row !== undefined) yield row;
}

function parsed(text: string): Pick<SourceRow, "values" | "unreadable"> {
  try {
    const value: unknown = parseJson(Buffer.from(text));
    return isObject(value) ? { values: value } : { values: {}, unreadable: "is not an object" };
  } catch (error) {
    return { values: {}, unreadable: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
