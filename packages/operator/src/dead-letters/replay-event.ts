import type { Event } from "@sluice/event";
import type { DeadLetter, Merging } from "@sluice/queue";
import { documentIn, mapEvent, mapHydrated } from "@sluice/record";
import type { Configuration } from "@sluice/runtime";

/** The result of mapping an event's letter again, with the configuration as it is now. */
export type EventReplay =
  | { readonly kind: "changes"; readonly merge: (merging: Pick<Merging, "merge">) => Promise<string> }
  | { readonly kind: "fails" | "nothing"; readonly why: string };

/**
 * Maps the event of a dead letter again and keeps the changes that the letter stands for: of its object at its
 * destination, and of its record where that is known. The event keeps its arrival and gets the number of the replay: its
 * changes are newer than the ones that they repeat, and older than every newer event's.
 */
export async function replayEvent(
  letter: DeadLetter,
  event: Event,
  configuration: Configuration,
  run: number,
): Promise<EventReplay> {
  const source = configuration.sources.get(event.source);
  if (source === undefined) return { kind: "fails", why: `there is no source "${event.source}" any more` };
  const { rank, mappings } = source;
  const wanted = mappings.filter(({ destination, object, fetch }) =>
    fetch?.lane === letter.destination
      ? fetch.place === letter.object
      : destination === letter.destination && object === letter.object,
  );
  // The release before kept no arrival with a letter.
  const arrival = letter.arrival ?? { micros: Date.parse(letter.at) * 1000, session: 0 };
  const { versionSkewMs } = configuration;
  const context = { rank, mappings: wanted, arrival, run, versionSkewMs };
  const document = documentIn(event);
  if (document === "missing") {
    return { kind: "fails", why: "its document was gone: a newer event of the record asks for it again" };
  }
  const mapped = await (document === "found" ? mapHydrated : mapEvent)(event, context);
  const [fault] = mapped.faults;
  if (fault !== undefined) return { kind: "fails", why: `${fault.place}: ${fault.message}` };
  const changes = mapped.changes.filter(
    ({ key }) => letter.key === null || (key.by === letter.key.by && key.value === letter.key.value),
  );
  if (changes.length === 0) return { kind: "nothing", why: "no mapping wants it any more: discard it" };
  return {
    kind: "changes",
    async merge(merging) {
      const [word] = await merging.merge([{ ...mapped, changes }]);
      return word!;
    },
  };
}
