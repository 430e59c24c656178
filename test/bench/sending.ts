import { startChild, type Child } from "./child.ts";
import type { Contestant } from "./contestants.ts";
import type { DestinationOrder, DestinationReport } from "./destination.ts";
import { lastRevision, type Batch } from "./event.ts";
import { DRAIN_DEADLINE_MS, LOAD_DEADLINE_MS } from "./limits.ts";
import type { LoadOrder, LoadReport } from "./load.ts";

/** Tells the destination what it will get, and from now on counts anew. */
export async function expectBatch(destination: Child, { drainedBy }: Contestant, batch: Batch): Promise<void> {
  if (drainedBy === null) throw new Error("this contestant passes nothing on");
  const { events: calls, records } = batch;
  await destination.order(
    { expect: { by: drainedBy, calls, records, revision: lastRevision(batch) } } satisfies DestinationOrder,
    1000,
  );
}

/** Waits until the destination has got all of it. */
export async function drained(destination: Child, deadlineMs = DRAIN_DEADLINE_MS): Promise<DestinationReport> {
  return (await destination.order("wait" satisfies DestinationOrder, deadlineMs)) as DestinationReport;
}

let sender: Child | undefined;

/** One sender for all: an idle webhook must not wait for a process to start. */
export async function sendBatch(url: string, batch: Batch): Promise<LoadReport> {
  sender ??= await startChild("load.ts", {});
  const report = (await sender.order({ url, batch } satisfies LoadOrder, LOAD_DEADLINE_MS * 2)) as LoadReport;
  if (report.refused > 0) throw new Error(`refused ${report.refused} of ${batch.events} events`);
  return report;
}

export async function endSender(): Promise<void> {
  await sender?.stop();
}
