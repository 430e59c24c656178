import { readKeptEvents, UnreadableBodyError, type Event } from "@sluice/event";
import { NotUnderstoodError, type IntakeWebhook, type Understander } from "@sluice/queue";
import { mapEvent, type MappedEvent } from "@sluice/record";
import { understandingDigests, type Configuration } from "@sluice/runtime";
import { UNDERSTANDING_BUDGET_MS } from "../limits.ts";
import { createTimeSlices, type TimeSlices } from "./time-slices.ts";

/** Reads webhooks that were written down, and maps their events by the configuration as it is now. */
export function createUnderstander(
  configuration: () => Configuration,
  slices: TimeSlices = createTimeSlices(),
  budgetMs: number = UNDERSTANDING_BUDGET_MS,
): Understander {
  async function read(webhook: IntakeWebhook, giveWay: () => Promise<void>): Promise<readonly MappedEvent[]> {
    const { sources, versionSkewMs } = configuration();
    const source = sources.get(webhook.source);
    if (source === undefined) {
      throw new NotUnderstoodError({
        code: "source_unknown",
        message: `no worker has a source "${webhook.source}" in its configuration`,
      });
    }
    const { scheme, mappings } = source;
    const first = await slices.take(() => eventsOf(webhook, () => readKeptEvents(scheme, webhook.kept, source.name)));
    const events = first.value;
    let spentMs = first.ms;
    const mapped: MappedEvent[] = [];
    while (mapped.length < events.length) {
      await giveWay();
      const { ms } = await slices.take(async (isOver) => {
        do {
          const { arrival, rank, run } = webhook;
          const own = { ...arrival, micros: arrival.micros + mapped.length };
          const context = { rank, mappings, versionSkewMs, arrival: own, run };
          mapped.push(await mapEvent(events[mapped.length]!, context));
        } while (mapped.length < events.length && !isOver());
      });
      spentMs += ms;
      if (spentMs > budgetMs) {
        throw new NotUnderstoodError({
          code: "webhook_slow",
          message: `its expressions took ${Math.round(spentMs)} ms for ${mapped.length} of ${events.length} events, and ${budgetMs} ms is what a webhook may take`,
        });
      }
    }
    return mapped;
  }
  return { digests: () => understandingDigests(configuration()), read };
}

/** Under the ids that the door told the sender: another scheme may make others of the same body. */
function eventsOf({ ids }: IntakeWebhook, readAll: () => readonly Event[]): readonly Event[] {
  let events: readonly Event[];
  try {
    events = readAll();
  } catch (error) {
    if (!(error instanceof UnreadableBodyError)) throw error;
    throw new NotUnderstoodError({ code: "webhook_unreadable", message: error.message });
  }
  if (events.length !== ids.length) return events;
  return events.map((event, index) => (event.id === ids[index] ? event : { ...event, id: ids[index]! }));
}
