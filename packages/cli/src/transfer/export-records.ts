import { createWriteStream, truncateSync } from "node:fs";
import type { Writable } from "node:stream";
import { SluiceError } from "@sluice/runtime";
import type { CustomObjectRecord } from "@sluice/zendesk";
import { journalOf } from "./journal.ts";
import type { RecordsApi } from "./records-api.ts";
import type { FileFormat } from "./source-row.ts";

export type ExportOptions = {
  readonly object: string;
  readonly format: FileFormat;
  /** The file to write; undefined: standard output. */
  readonly path: string | undefined;
  readonly resume: boolean;
  readonly onProgress: (written: number, of: number) => void;
};

type State = { object: string; format: FileFormat; after: string; bytes: number; written: number };
type Page = {
  readonly custom_object_records: readonly CustomObjectRecord[];
  readonly meta: { readonly has_more: boolean; readonly after_cursor: string | null };
};

/** Writes every record of an object, in the order of creation, a page at a time. @returns the number of records */
export async function exportRecords(api: RecordsApi, options: ExportOptions): Promise<number> {
  const { object, format, path } = options;
  const base = `custom_objects/${encodeURIComponent(object)}/records`;
  const journal = path === undefined ? undefined : journalOf<State>(`${path}.export.json`);
  const earlier = options.resume ? earlierState(journal?.read(), options) : undefined;
  if (earlier !== undefined && path !== undefined) truncateSync(path, earlier.bytes);
  const fields = [...(await api.fieldsOf(object)).keys()];
  const { body } = await api.ask("GET", `${base}/count`);
  const total = (body as { count: { value: number } }).count.value;

  const out =
    path === undefined ? process.stdout : createWriteStream(path, { flags: earlier === undefined ? "w" : "a" });
  // Each write tells of its own failure.
  out.on("error", () => {});
  const state: State = earlier ?? { object, format, after: "", bytes: 0, written: 0 };
  const write = async (text: string) => {
    state.bytes += Buffer.byteLength(text);
    await written(out, text);
  };
  try {
    if (format === "csv" && earlier === undefined) await write(csvLine([...COLUMNS, ...fields]));
    for (let more = true; more;) {
      const after = state.after === "" ? "" : `&page%5Bafter%5D=${encodeURIComponent(state.after)}`;
      const reply = await api.ask("GET", `${base}?sort=id&page%5Bsize%5D=100${after}`);
      const { custom_object_records: records, meta } = reply.body as Page;
      if (records.length > 0) await write(records.map((record) => lineOf(record, format, fields)).join(""));
      state.written += records.length;
      more = meta.has_more && meta.after_cursor !== null;
      if (meta.after_cursor !== null) state.after = meta.after_cursor;
      journal?.write(state);
      options.onProgress(state.written, total);
    }
  } finally {
    if (out !== process.stdout) await new Promise<void>((resolve) => void out.end(resolve));
  }
  journal?.remove();
  return state.written;
}

const COLUMNS = ["external_id", "name", "id", "created_at", "updated_at"] as const;

function lineOf(record: CustomObjectRecord, format: FileFormat, fields: readonly string[]): string {
  if (format === "csv") {
    const cells = [
      ...COLUMNS.map((column) => record[column]),
      ...fields.map((key) => record.custom_object_fields[key]),
    ];
    return csvLine(cells.map(cellOf));
  }
  const { external_id, name, id, created_at, updated_at, custom_object_fields } = record;
  return `${JSON.stringify({ external_id, name, custom_object_fields, id, created_at, updated_at })}\n`;
}

/** The choices of a multiselect have semicolons between them, as an import reads them. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.join(";");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A line of CSV (RFC 4180). */
function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\r\n`;
}

/** Waits when the reader is slower than the API. */
function written(out: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    out.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function earlierState(state: State | undefined, { object, format }: ExportOptions): State | undefined {
  if (state === undefined || (state.object === object && state.format === format)) return state;
  throw new SluiceError("the journal beside the file belongs to another export", {
    code: "export_not_resumable",
    hint: "start without --resume",
  });
}
