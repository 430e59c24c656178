import { startChild, type Child } from "./child.ts";
import type { Contestant, Surroundings } from "./contestants.ts";
import type { DestinationOrder, DestinationReport } from "./destination.ts";
import { lastRevision, type Batch } from "./event.ts";
import { DRAIN_DEADLINE_MS, LOAD_DEADLINE_MS, WARM_UP_EVENTS } from "./limits.ts";
import type { LoadOrder, LoadReport } from "./load.ts";

/** One contestant's numbers of one round. What (a) does not do is null. */
export type Result = {
  readonly acceptedPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly drainedPerSecond: number | null;
  readonly calls: number | null;
  readonly maxInFlight: number | null;
  readonly wrong: number | null;
};

/** Two shapes of load. */
export type Shape = { readonly title: string; readonly eventsPerRecord: number };

/** Starts the contestant, warms it up, sends it the batch, and waits until it has drained. */
export async function runContestant(
  contestant: Contestant,
  batch: Batch,
  surroundings: Surroundings,
  destination: Child,
): Promise<Result> {
  const running = await contestant.start(surroundings);
  try {
    const warmUp = {
      ...batch,
      name: `${batch.name}-warm-up`,
      events: WARM_UP_EVENTS,
      records: WARM_UP_EVENTS / lastRevision(batch),
    };
    await send(contestant, warmUp, running.url, destination);
    const { load, drain } = await send(contestant, batch, running.url, destination);
    return {
      acceptedPerSecond: (load.accepted * 1000) / (load.lastAcceptedAt - load.startedAt),
      p50Ms: load.p50Ms,
      p99Ms: load.p99Ms,
      drainedPerSecond: drain === null ? null : (batch.events * 1000) / (drain.drainedAt - load.startedAt),
      calls: drain?.calls ?? null,
      maxInFlight: drain?.maxInFlight ?? null,
      wrong: drain?.wrong ?? null,
    };
  } finally {
    await running.stop();
  }
}

async function send(
  { letter, drainedBy }: Contestant,
  batch: Batch,
  url: string,
  destination: Child,
): Promise<{ load: LoadReport; drain: DestinationReport | null }> {
  if (drainedBy !== null) {
    const { events: calls, records } = batch;
    const expect = { by: drainedBy, calls, records, revision: lastRevision(batch) };
    await destination.order({ expect } satisfies DestinationOrder, 1000);
  }
  const sender = await startChild("load.ts", {});
  let load: LoadReport;
  try {
    load = (await sender.order({ url, batch } satisfies LoadOrder, LOAD_DEADLINE_MS * 2)) as LoadReport;
  } finally {
    await sender.stop();
  }
  if (load.refused > 0) throw new Error(`(${letter}) refused ${load.refused} of ${batch.events} events`);
  if (drainedBy === null) return { load, drain: null };
  const drain = await destination.order("wait" satisfies DestinationOrder, DRAIN_DEADLINE_MS);
  return { load, drain: drain as DestinationReport };
}
