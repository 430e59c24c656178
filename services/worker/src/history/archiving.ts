import type { Registry } from "prom-client";
import { HISTORY_LIMITS, type Archive, type History } from "@sluice/history";
import { counter, gauge, type Clock, type Configuration, type HistoryConfiguration, type Log } from "@sluice/runtime";
import { createRecorder, NO_RECORDER, type Recorder } from "./recorder.ts";

/** The place where a worker archives. */
export type HistoryPlace = {
  readonly history: History;
  readonly limits: Pick<HistoryConfiguration, "keepMs" | "sizeBytes">;
};

export type Archiving = { readonly recorder: Recorder; close(): Promise<void> };

export type ArchivingOptions = {
  readonly place: HistoryPlace | null;
  readonly registry: Registry;
  readonly session: string;
  readonly configuration: () => Configuration;
  readonly clock: Clock;
  readonly log: Log;
};

/** Archives from now on, if there is a place for it. A fault of the archive is logged, and disturbs nothing else. */
export function startArchiving({ place, registry, session, configuration, clock, log }: ArchivingOptions): Archiving {
  if (place === null) return { recorder: NO_RECORDER, close: async () => {} };
  const onError = (error: unknown): void =>
    log.warn({ component: "history", err: error }, error instanceof Error ? error.message : String(error));
  const { keepMs, sizeBytes: mostBytes } = place.limits;
  const archive = place.history.archive({
    session,
    keepMs,
    mostBytes,
    nowMs: () => clock.nowMs(),
    onDropped: (days) => log.info({ component: "history", days }, "days of the history were dropped"),
    onError,
  });
  archiveMetrics(registry, archive);
  const recorder = createRecorder({ archive, configuration, clock, onError });
  return {
    recorder,
    async close() {
      await recorder.close(HISTORY_LIMITS.closeDeadlineMs);
      await archive.close();
    },
  };
}

function archiveMetrics(registry: Registry, archive: Archive): void {
  gauge(registry, "sluice_history_waiting", (shown) => {
    const { waiting, waitingCharacters } = archive.numbers();
    shown.set({ what: "items" }, waiting);
    shown.set({ what: "bytes" }, waitingCharacters);
  });
  gauge(registry, "sluice_history_lag_seconds", (shown) => shown.set(archive.numbers().lagSeconds));
  counter(registry, "sluice_history_left_out_total", (counted) => {
    const { leftOutEvents, leftOutFlights } = archive.numbers();
    counted.reset();
    counted.inc({ what: "events" }, leftOutEvents);
    counted.inc({ what: "flights" }, leftOutFlights);
  });
  counter(registry, "sluice_history_written_bytes_total", (counted) => {
    counted.reset();
    counted.inc(archive.numbers().writtenBytes);
  });
}
