import { newestFirst, type DeadLetter, type DeadLetterPosition, type PositionedDeadLetter } from "@sluice/queue";
import { allLanes, type Fleet } from "../fleet.ts";
import { wantsDeadLetter, type DeadLetterFilter } from "./filter.ts";

/**
 * The letters that a filter chooses, of all lanes and of the intake, the newest first, read page by page: nobody who stops early
 * reads the rest.
 */
export async function* chosenDeadLetters(
  fleet: Fleet,
  filter: DeadLetterFilter,
  after?: DeadLetterPosition,
): AsyncIterable<PositionedDeadLetter> {
  const { lanes, intake } = fleet.queue;
  const { destination, source, sinceMs = -Infinity } = filter;
  const names = (await allLanes(fleet)).filter((name) => destination === undefined || name === destination);
  const keepers = [...names.map((name) => lanes.at(name).dead), intake.letters];
  for (const keeper of keepers) await keeper.repair();
  for await (const placed of newestFirst(keepers.map((keeper) => keeper.newest({ source, after })))) {
    if (placed.place.micros < sinceMs * 1000) return;
    if (wantsDeadLetter(filter, placed.letter)) yield placed;
  }
}

/** A dead letter by its id; null: there is none. */
export async function findDeadLetter(fleet: Fleet, id: string): Promise<DeadLetter | null> {
  for (const name of await allLanes(fleet)) {
    const letter = await fleet.queue.lanes.at(name).dead.find(id);
    if (letter !== null) return letter;
  }
  return await fleet.queue.intake.letters.find(id);
}
