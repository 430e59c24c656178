import { compared, createForecaster, createForeseer, mapAgain, type Fleet, type Forecast } from "@sluice/operator";
import type { SourceConfiguration } from "@sluice/runtime";
import type { SourceRow } from "../transfer/source-row.ts";
import { LIMITS } from "../transfer/limits.ts";
import { assertVersioned, webhookOf, type RowRules } from "./file-rows.ts";

export type BackfillPlan = Omit<Forecast<{ readonly id: string }>, "requests"> & {
  readonly rows: number;
  /** Rows that can't be read, with their lines: the first ones. */
  readonly rejected: number;
  readonly rejects: readonly { readonly line: number; readonly reason: string }[];
  readonly calls: readonly {
    readonly destination: string;
    readonly requests: number;
    readonly seconds: number | null;
  }[];
};

/** Plans a backfill: what would become of the rows, by the state of their records now. Nothing is done. */
export async function planBackfill(
  rows: AsyncIterable<SourceRow>,
  fleet: Fleet,
  {
    source,
    rules,
    isDated,
    onRow,
  }: {
    readonly source: SourceConfiguration;
    readonly rules: RowRules;
    /** Somebody said when the file was true. */
    readonly isDated: boolean;
    readonly onRow: (row: SourceRow) => void;
  },
): Promise<BackfillPlan> {
  const { destinations, versionSkewMs } = fleet.configuration;
  const forecaster = createForecaster<{ readonly id: string }>({
    writesUnchanged: (destination) => destinations.get(destination)?.skipUnchanged !== true,
    samples: LIMITS.plannedSamples,
    valueCharacters: LIMITS.plannedCharacters,
  });
  const foreseer = createForeseer(fleet, forecaster, "send");
  const rejects: { line: number; reason: string }[] = [];
  let [count, rejected] = [0, 0];
  let open: Promise<unknown>[] = [];
  for await (const row of rows) {
    count += 1;
    onRow(row);
    const webhook = webhookOf(row, rules);
    if ("reason" in webhook) {
      rejected += 1;
      if (rejects.length < LIMITS.plannedRejects) rejects.push({ line: row.line, reason: webhook.reason });
      continue;
    }
    const mapped = await mapAgain(webhook, source, versionSkewMs);
    if (!isDated) assertVersioned(mapped.flatMap(({ changes }) => changes));
    const seen = foreseer.foresee(compared([], mapped), ({ event: { id } }) => ({ id }));
    // It is waited for in a moment; until then nobody else hears that it failed.
    seen.catch(() => {});
    open.push(seen);
    if (open.length < LIMITS.plannedAtOnce) continue;
    await Promise.all(open);
    open = [];
  }
  await Promise.all(open);
  const { requests, ...forecast } = forecaster.forecast;
  const calls = [...requests].map(([destination, of]) => {
    const perMinute = destinations.get(destination)?.requestsPerMinute;
    return { destination, requests: of, seconds: perMinute === undefined ? null : Math.ceil((of / perMinute) * 60) };
  });
  return { ...forecast, rows: count, rejected, rejects, calls };
}
