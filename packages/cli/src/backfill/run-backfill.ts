import { createWriteStream } from "node:fs";
import { createHandingOver } from "@sluice/operator";
import type { BackfillWait, IntakeWebhook, Queue } from "@sluice/queue";
import type { Configuration, SourceConfiguration } from "@sluice/runtime";
import type { Journal } from "../transfer/journal.ts";
import { LIMITS } from "../transfer/limits.ts";
import type { SourceRow } from "../transfer/source-row.ts";
import { webhookOf, type RowRules } from "./file-rows.ts";

/** How far a backfill got. Every row before the offset is taken in, or rejected. */
export type BackfillState = Omit<RowRules, "session"> & {
  readonly source: string;
  readonly offset: number;
  readonly line: number;
  readonly taken: number;
  readonly rejected: number;
};

export type BackfillRun = {
  readonly rows: AsyncIterable<SourceRow>;
  readonly source: SourceConfiguration;
  readonly configuration: Configuration;
  readonly state: BackfillState;
  readonly journal: Journal<BackfillState>;
  /** Where rejected rows go, with their lines and the reasons. */
  readonly rejectsPath: string;
  /** Called now and then; `waitsFor` names what it waits for. */
  readonly onProgress: (state: BackfillState, waitsFor: string | null) => void;
};

/**
 * Takes the rows in as events of their source, to be understood when no live webhook waits, no faster than they are. A row that is taken in
 * twice, after a crash, has the same id and counts once.
 */
export async function runBackfill({ intake }: Pick<Queue, "intake">, run: BackfillRun): Promise<BackfillState> {
  const { source, configuration, journal, onProgress } = run;
  const { backfill } = intake;
  const { handOver, finish } = createHandingOver(backfill, configuration);
  const session = await backfill.session();
  const rejects = createWriteStream(run.rejectsPath, { flags: run.state.offset === 0 ? "w" : "a" });
  let { state } = run;
  let batch: IntakeWebhook[] = [];
  let [characters, rejected] = [0, 0];
  let last: SourceRow | null = null;

  async function handBatchOver(): Promise<void> {
    await handOver(batch, async (_, waitsFor) => goOn(waitsFor));
    const { endsAt: offset, line } = last ?? { endsAt: state.offset, line: state.line };
    state = { ...state, offset, line, taken: state.taken + batch.length, rejected: state.rejected + rejected };
    [batch, characters, rejected] = [[], 0, 0];
    journal.write(state);
    onProgress(state, null);
  }

  function goOn(waitsFor: BackfillWait | null): boolean {
    onProgress(state, waitsFor === null ? null : WAITS[waitsFor]);
    return true;
  }

  try {
    journal.write(state);
    for await (const row of run.rows) {
      last = row;
      const webhook = webhookOf(row, { ...state, session });
      if ("reason" in webhook) {
        rejected += 1;
        rejects.write(`${JSON.stringify({ line: row.line, reason: webhook.reason, row: row.values })}\n`);
        continue;
      }
      batch.push({ source: source.name, rank: source.rank, ...webhook, secretNumber: 0, run: state.run, wait: null });
      characters += webhook.kept.body.length;
      if (batch.length >= LIMITS.backfillRows || characters >= LIMITS.backfillCharacters) await handBatchOver();
    }
    await handBatchOver();
    await finish(async (_, waitsFor) => goOn(waitsFor));
    journal.remove();
    return state;
  } finally {
    await new Promise<void>((resolve) => rejects.end(resolve));
  }
}

const WAITS = {
  queue: "they are understood, live webhooks first",
  destination: "a destination has enough to write, or is held",
  redis: "Redis is too full for more",
  letters: "the source's dead letters have no room",
} as const;
