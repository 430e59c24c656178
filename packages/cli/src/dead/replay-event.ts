import type { Event } from "@sluice/event";
import type { Admission, DeadLetter } from "@sluice/queue";
import { documentIn, mapEvent, mapHydrated } from "@sluice/record";
import type { Configuration } from "@sluice/runtime";

/** What came of mapping an event's letter again, with the configuration as it is now. */
export type EventReplay =
  | { readonly kind: "changes"; readonly admit: (admission: Admission) => Promise<string> }
  | { readonly kind: "fails" | "nothing"; readonly why: string };

/**
 * Maps the event of a dead letter again and takes of it what the letter stands for: changes of its object at its
 * destination, of its record where that is known. The event gets an id of its own, derived from the old one: were it the
 * same, a change of the same event on the same record would pass for a duplicate. Derived, so that a replay that was cut
 * off and is repeated is one.
 */
export async function replayEvent(
  letter: DeadLetter,
  event: Event,
  configuration: Configuration,
  nowMs: number,
): Promise<EventReplay> {
  const source = configuration.sources.get(event.source);
  if (source === undefined) return { kind: "fails", why: `there is no source "${event.source}" any more` };
  const { rank, mappings } = source;
  const wanted = mappings.filter(({ destination, object, fetch }) =>
    fetch?.lane === letter.destination
      ? fetch.place === letter.object
      : destination === letter.destination && object === letter.object,
  );
  const replayed = { ...event, id: `${event.id}~${letter.id.slice(-8)}` };
  const { versionSkewMs } = configuration;
  const arrival = { micros: nowMs * 1000, session: 0 };
  const context = { rank, mappings: wanted, arrival, run: 0, versionSkewMs };
  const document = documentIn(event);
  if (document === "missing") {
    return { kind: "fails", why: "its document was gone: a newer event of the record asks for it again" };
  }
  const mapped = await (document === "found" ? mapHydrated : mapEvent)(replayed, context);
  const [fault] = mapped.faults;
  if (fault !== undefined) return { kind: "fails", why: `${fault.place}: ${fault.message}` };
  const changes = mapped.changes.filter(
    ({ key }) => letter.key === null || (key.by === letter.key.by && key.value === letter.key.value),
  );
  if (changes.length === 0) return { kind: "nothing", why: "no mapping wants it any more: discard it" };
  return {
    kind: "changes",
    async admit(admission) {
      const [word] = await admission.admit([{ ...mapped, changes }]);
      return word!;
    },
  };
}
