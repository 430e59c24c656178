import { createWriteStream, statSync } from "node:fs";
import { SluiceError } from "@sluice/runtime";
import { LIMITS as CONTRACT_LIMITS } from "@sluice/zendesk";
import { sendBatch, type UpsertAction } from "./batch.ts";
import { journalOf } from "./journal.ts";
import { LIMITS } from "./limits.ts";
import type { RecordsApi } from "./records-api.ts";
import type { MappedRow, ImportedRecord } from "./row-mapping.ts";
import { readRows, type FileFormat, type SourceRow } from "./source-row.ts";

export type ImportOptions = {
  readonly path: string;
  /** The file that rows are read from, if not `path`: the same text in UTF-8. */
  readonly readFrom?: string;
  readonly format: FileFormat;
  readonly object: string;
  readonly key: "external_id" | "name";
  readonly mapping: (row: SourceRow) => MappedRow;
  /** Goes on where an earlier run stopped. */
  readonly resume: boolean;
  /** Called now and then. */
  readonly onProgress: (tally: ImportTally) => void;
};

export type ImportTally = {
  readonly written: number;
  readonly rejected: number;
  /** Every row before this byte is done. */
  readonly offset: number;
  readonly bytes: number;
  /** The byte where a resumed run began, and the number of rows that were done before it. */
  readonly startedAt: number;
  readonly doneBefore: number;
};

type State = { object: string; key: string; offset: number; line: number; written: number; rejected: number };

type Pending = { readonly item: ImportedRecord; readonly key: string; readonly row: SourceRow };
type Batch = {
  readonly done: Promise<void>;
  readonly keys: ReadonlySet<string>;
  over: boolean;
  readonly end: SourceRow;
};

/**
 * Upserts every row of a file by bulk jobs, a few at a time. Rows of one key are never in flight together, so that the
 * later one has the last word. Refused rows go to `FILE.rejected.ndjson` with their line and the reason.
 */
export async function importRecords(api: RecordsApi, options: ImportOptions): Promise<ImportTally> {
  const { path, object, key, resume } = options;
  const bytes = statSync(options.readFrom ?? path).size;
  const journal = journalOf<State>(`${path}.import.json`);
  const state = startingState(options, resume ? journal.read() : undefined, bytes);
  const startedAt = state.offset;
  const doneBefore = state.written + state.rejected;
  const rejects = createWriteStream(`${path}.rejected.ndjson`, { flags: startedAt === 0 ? "w" : "a" });
  const action: UpsertAction = key === "name" ? "create_or_update_by_name" : "create_or_update_by_external_id";
  const reject = ({ line, values }: SourceRow, reason: string) => {
    state.rejected += 1;
    rejects.write(`${JSON.stringify({ line, reason, row: values })}\n`);
  };
  const tally = (): ImportTally => ({ ...state, bytes, startedAt, doneBefore });

  const inFlight: Batch[] = [];
  let journaledAt = 0;
  /** Forgets the batches at the front that are over: only rows before every open batch are done for good. */
  const settle = (now = Date.now()) => {
    for (let first = inFlight[0]; first?.over === true; first = inFlight[0]) {
      inFlight.shift();
      state.offset = first.end.endsAt;
      state.line = first.end.line;
    }
    if (now - journaledAt > LIMITS.journalEveryMs) {
      journaledAt = now;
      journal.write(state);
    }
    options.onProgress(tally());
  };
  const submit = (rows: readonly Pending[], end: SourceRow) => {
    const work = async () => {
      const outcomes = await sendBatch(
        api,
        object,
        action,
        rows.map(({ item }) => item),
      );
      for (const [place, outcome] of outcomes.entries()) {
        const pending = rows[place];
        if (outcome.written) state.written += 1;
        else if (pending !== undefined) reject(pending.row, outcome.reason);
      }
      batch.over = true;
    };
    const batch: Batch = { done: work(), keys: new Set(rows.map(({ key: of }) => of)), over: false, end };
    // The code that waits for the batch hears of its failure; Node.js must not hear of it as unhandled before.
    batch.done.catch(() => {});
    inFlight.push(batch);
  };
  /** Waits until fewer than `most` batches are open, and none of them holds this key. */
  const room = async (most: number, of?: string) => {
    for (;;) {
      settle();
      const open = inFlight.filter(({ over }) => !over);
      const same = open.filter(({ keys }) => of !== undefined && keys.has(of));
      if (same.length > 0) await Promise.all(same.map(({ done }) => done));
      else if (open.length >= most) await Promise.race(open.map(({ done }) => done));
      else return;
    }
  };

  try {
    let rows: Pending[] = [];
    let last: SourceRow | undefined;
    for await (const row of readRows(options.readFrom ?? path, options.format, state)) {
      const mapped = options.mapping(row);
      if ("reason" in mapped) reject(row, mapped.reason);
      else {
        // Ids that differ in their case alone are one record to some destinations.
        const same = mapped.key.toLowerCase();
        if (rows.some(({ key: of }) => of === same) && last !== undefined) {
          await room(LIMITS.jobsAtOnce);
          submit(rows, last);
          rows = [];
        }
        if (inFlight.some(({ over, keys }) => !over && keys.has(same))) await room(Number.POSITIVE_INFINITY, same);
        rows.push({ ...mapped, key: same, row });
      }
      last = row;
      if (rows.length >= CONTRACT_LIMITS.bulkItems) {
        await room(LIMITS.jobsAtOnce);
        submit(rows, row);
        rows = [];
      }
    }
    if (last !== undefined) submit(rows, last);
    await room(1);
    journal.remove();
    return tally();
  } catch (error) {
    await Promise.allSettled(inFlight.map(({ done }) => done));
    settle();
    journal.write(state);
    throw error;
  } finally {
    await new Promise<void>((resolve) => rejects.end(resolve));
  }
}

function startingState({ object, key, path }: ImportOptions, earlier: State | undefined, bytes: number): State {
  if (earlier === undefined) return { object, key, offset: 0, line: 0, written: 0, rejected: 0 };
  if (earlier.object === object && earlier.key === key && earlier.offset <= bytes) return earlier;
  throw new SluiceError(`${path}.import.json belongs to another import`, {
    code: "import_not_resumable",
    hint: "start without --resume: rows that were written already are written again, which changes nothing",
  });
}
