import { setTimeout as sleep } from "node:timers/promises";
import { HISTORY_LIMITS, type Archive, type Understood } from "@sluice/history";
import type { Exchange } from "@sluice/destination";
import type { IntakeWebhook, Merging, ReadWebhook } from "@sluice/queue";
import type { Clock, Configuration, SourceConfiguration } from "@sluice/runtime";
import type { ClaimedWrite } from "../writes/write.ts";
import { flownOf, type FlightEnd, type Trip } from "./flown-of.ts";
import { hasRedact, hidingIn } from "./hiding.ts";
import { LEFT_OUT_MARKER, redacted, withoutBody } from "./redacted.ts";
import { createTimeSlices } from "../understanding/time-slices.ts";
import { understoodDocument, rowsIn, understoodOf } from "./understood-of.ts";

/** Tells the history of the webhooks that this worker understood and the flights that it ended. Nobody waits for the history. */
export type Recorder = {
  understood(webhook: IntakeWebhook, read: ReadWebhook): void;
  /** The same merging, for documents that were fetched. */
  mergingDocuments(merging: Merging): Merging;
  flown(write: ClaimedWrite, exchange: Exchange | null, trip: Trip | null, end: FlightEnd): void;
  /** Waits so long for webhooks that are mapped once more; those that are not told by then are counted as left out. */
  close(deadlineMs: number): Promise<void>;
};

/** No history is kept. */
export const NO_RECORDER: Recorder = {
  understood() {},
  mergingDocuments: (merging) => merging,
  flown() {},
  async close() {},
};

export type RecorderOptions = {
  readonly archive: Archive;
  readonly configuration: () => Configuration;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

export function createRecorder({ archive, configuration, clock, onError }: RecorderOptions): Recorder {
  const rows = rowsIn(() => configuration().sources);
  const hiding = hidingIn(configuration);
  const slices = createTimeSlices();
  /** Webhooks that are mapped once more. */
  const redacting = new Map<IntakeWebhook, Promise<void>>();

  async function redactedFirst(webhook: IntakeWebhook, line: Understood, source: SourceConfiguration): Promise<void> {
    try {
      const { versionSkewMs } = configuration();
      const told = await redacted(line, webhook, source, { versionSkewMs, slices });
      if (redacting.delete(webhook)) archive.understood(told);
    } catch (error) {
      onError(error);
      if (redacting.delete(webhook)) archive.leaveOut(webhook.ids.length);
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
      const line = (): Understood => understoodOf(webhook, read, clock.nowMs(), rows);
      if (source === undefined) guarded(() => archive.understood(withoutBody(line())));
      else if (!hasRedact(source)) guarded(() => archive.understood(line()));
      // Mapping once more takes as long as mapping: webhooks above the bound are left out and counted.
      else if (redacting.size >= HISTORY_LIMITS.redactingAtOnce) archive.leaveOut(webhook.ids.length);
      else guarded(() => redacting.set(webhook, redactedFirst(webhook, line(), source)));
    },
    mergingDocuments(merging) {
      const mergeEach: Merging["mergeEach"] = async (events) => {
        const merged = await merging.mergeEach(events);
        guarded(() => {
          for (const [at, event] of events.entries()) {
            const line = understoodDocument(event, merged[at]!, clock.nowMs(), rows);
            archive.understood(hiding.source(event.event.source) ? withoutValues(line) : line);
          }
        });
        return merged;
      };
      return { mergeEach, merge: async (events) => (await mergeEach(events)).map(({ word }) => word) };
    },
    flown(write, exchange, trip, end) {
      const now = { nowMs: clock.nowMs(), steadyMs: performance.now(), hiding };
      guarded(() => archive.flown(flownOf(write, exchange, trip, end, now)));
    },
    async close(deadlineMs) {
      await Promise.race([Promise.all(redacting.values()), sleep(deadlineMs, undefined, { ref: false })]);
      for (const { ids } of redacting.keys()) archive.leaveOut(ids.length);
      redacting.clear();
    },
  };
}

/** A document's line without values: the document is not kept, so it can't be mapped once more to tell which values to hide. */
function withoutValues(line: Understood): Understood {
  return {
    ...line,
    events: line.events.map((event) => ({
      ...event,
      changes: event.changes.map((change) => ({ ...change, fields: {}, hidden: Object.keys(change.fields) })),
      faults: event.faults.map((fault) => ({ ...fault, message: LEFT_OUT_MARKER })),
    })),
  };
}
