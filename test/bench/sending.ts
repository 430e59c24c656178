import { startChild, type Child } from "./child.ts";
import type { DestinationOrder, DestinationReport, Expectation, Written } from "./destination.ts";
import { lastRevision, type Batch } from "./event.ts";
import { DRAIN_DEADLINE_MS, LOAD_DEADLINE_MS } from "./limits.ts";
import type { LoadOrder, LoadReport } from "./load.ts";

/** Tells the destination what to expect, and from now on counts anew. By hand all is done when every job has made its call. */
export async function expectBatch(destination: Child, by: Expectation["by"], batch: Batch): Promise<void> {
  const { events: calls, records } = batch;
  const expect: Expectation = { by, calls, records, revision: lastRevision(batch) };
  await destination.order({ expect } satisfies DestinationOrder, 1000);
}

/** Waits until the destination has got all that it expects. */
export async function drained(destination: Child): Promise<DestinationReport> {
  return (await destination.order("wait" satisfies DestinationOrder, DRAIN_DEADLINE_MS)) as DestinationReport;
}

/** The records that the destination has got so far. */
export async function written(destination: Child): Promise<Written> {
  return (await destination.order("written" satisfies DestinationOrder, 1000)) as Written;
}

let sender: Child | undefined;

/** Sends every event of a batch once. One sender for all: an idle webhook must not wait for a process to start. */
export async function sendBatch(url: string, batch: Batch): Promise<LoadReport> {
  sender ??= await startChild("load.ts", {});
  const report = (await sender.order({ url, batch } satisfies LoadOrder, LOAD_DEADLINE_MS)) as LoadReport;
  if (report.refused > 0) throw new Error(`refused ${report.refused} of ${batch.events} events`);
  return report;
}

export async function endSender(): Promise<void> {
  await sender?.stop();
}
