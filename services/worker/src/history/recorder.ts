import { HISTORY_LIMITS, type Archive } from "@sluice/history";
import type { Exchange } from "@sluice/destination";
import type { IntakeWebhook, Merging, ReadWebhook } from "@sluice/queue";
import type { Clock, Configuration, SourceConfiguration } from "@sluice/runtime";
import type { Write } from "../write.ts";
import { flownOf, type FlightEnd, type Trip } from "./flown-of.ts";
import { redacted } from "./redacted.ts";
import { documentOf, rowsIn, understoodOf } from "./understood-of.ts";

/** Tells the history of the webhooks that this worker understood and the flights that it ended. Nobody waits for the history. */
export type Recorder = {
  understood(webhook: IntakeWebhook, read: ReadWebhook): void;
  /** The same merging, for documents that were fetched. */
  mergingDocuments(merging: Merging): Merging;
  flown(write: Write, exchange: Exchange | null, trip: Trip | null, end: FlightEnd): void;
};

/** No history is kept. */
export const NO_RECORDER: Recorder = {
  understood() {},
  mergingDocuments: (merging) => merging,
  flown() {},
};

export type RecorderOptions = {
  readonly archive: Archive;
  readonly configuration: () => Configuration;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

export function createRecorder({ archive, configuration, clock, onError }: RecorderOptions): Recorder {
  const rows = rowsIn(() => configuration().sources);
  const hides = (name: string): boolean => isRedacted(configuration().sources.get(name));
  let redacting = 0;

  async function redactedFirst(webhook: IntakeWebhook, read: ReadWebhook, source: SourceConfiguration): Promise<void> {
    const line = understoodOf(webhook, read, clock.nowMs(), rows);
    redacting += 1;
    try {
      archive.understood(await redacted(line, webhook, source, configuration().versionSkewMs));
    } finally {
      redacting -= 1;
    }
  }

  /** Runs work of the history: a fault in it must not end a flight, or a webhook's way. */
  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      onError(error);
    }
  }

  return {
    understood(webhook, read) {
      const source = configuration().sources.get(webhook.source);
      if (!isRedacted(source)) guarded(() => archive.understood(understoodOf(webhook, read, clock.nowMs(), rows)));
      // Mapping once more takes as long as mapping: webhooks above the bound are left out and counted.
      else if (redacting >= HISTORY_LIMITS.redactingAtOnce) archive.leaveOut(webhook.ids.length);
      else redactedFirst(webhook, read, source).catch(onError);
    },
    mergingDocuments(merging) {
      const mergeEach: Merging["mergeEach"] = async (events) => {
        const merged = await merging.mergeEach(events);
        guarded(() => {
          for (const [at, event] of events.entries()) {
            const line = documentOf(event, merged[at]!, clock.nowMs(), rows);
            archive.understood(hides(event.event.source) ? withoutValues(line) : line);
          }
        });
        return merged;
      };
      return { mergeEach, merge: async (events) => (await mergeEach(events)).map(({ word }) => word) };
    },
    flown(write, exchange, trip, end) {
      const now = { nowMs: clock.nowMs(), steadyMs: performance.now(), hides };
      guarded(() => archive.flown(flownOf(write, exchange, trip, end, now)));
    },
  };
}

function isRedacted(source: SourceConfiguration | undefined): source is SourceConfiguration {
  return source !== undefined && (source.redact?.length ?? 0) > 0;
}

/** A document's line without values: the document is not kept, so it can't be mapped once more to tell which values to hide. */
function withoutValues(line: ReturnType<typeof documentOf>): ReturnType<typeof documentOf> {
  return {
    ...line,
    events: line.events.map((event) => ({
      ...event,
      changes: event.changes.map((change) => ({ ...change, fields: {}, hidden: Object.keys(change.fields) })),
      faults: event.faults.map((fault) => ({ ...fault, message: "left out: the source has `redact`" })),
    })),
  };
}
