import { readKeptEvents, type KeptWebhook } from "@sluice/event";
import { mapEvent, type Arrival, type MappedEvent } from "@sluice/record";
import type { SourceConfiguration } from "@sluice/runtime";

/** A webhook of the past, as it waits to be understood. */
export type PastWebhook = {
  readonly kept: KeptWebhook;
  readonly arrival: Arrival;
  /** The ids of its events as their sender was told them; none where that is not known. */
  readonly ids: readonly string[];
};

/**
 * Maps the events of a webhook with the mapping as it is now, as a worker would with the number of a replay that is not begun yet.
 * @throws UnreadableBodyError
 */
export async function mapAgain(
  { kept, arrival, ids }: PastWebhook,
  { scheme, name, rank, mappings }: SourceConfiguration,
  versionSkewMs: number,
): Promise<readonly MappedEvent[]> {
  const events = readKeptEvents(scheme, kept, name);
  const mapped: MappedEvent[] = [];
  for (const [at, event] of events.entries()) {
    const own = { ...arrival, micros: arrival.micros + at };
    const id = events.length === ids.length ? ids[at]! : event.id;
    mapped.push(await mapEvent({ ...event, id }, { rank, mappings, versionSkewMs, arrival: own, run: LATEST_RUN }));
  }
  return mapped;
}

/** The highest number that a stamp can carry: newer than every replay before. */
const LATEST_RUN = 64 ** 4 - 1;
