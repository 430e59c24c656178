import { newestFirst, type DeadLetter, type DeadLetterPosition, type PositionedDeadLetter } from "@sluice/queue";
import { allLanes, type Fleet } from "../fleet.ts";
import { wantsDeadLetter, type DeadLetterFilter } from "./filter.ts";

/**
 * The letters that a filter chooses, of all lanes and of the intake, in Redis and in the history, the newest first, read page by page:
 * nobody who stops early reads the rest. A letter that changes its place meanwhile comes once, or not at all if somebody acts on it.
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
  const inRedis = keepers.map((keeper) => keeper.newest({ source, after }));
  const all = fleet.filed == null ? inRedis : [...inRedis, fleet.filed.newest(filter, after)];
  let last: DeadLetterPosition | null = null;
  for await (const placed of newestFirst(all)) {
    const { micros, id } = placed.place;
    if (micros < sinceMs * 1000) return;
    const isAgain = last !== null && last.micros === micros && last.id === id;
    last = placed.place;
    if (!isAgain && wantsDeadLetter(filter, placed.letter)) yield placed;
  }
}

/** A dead letter by its id, as it stands in Redis, else in the history; null: there is none. */
export async function findDeadLetter(fleet: Fleet, id: string): Promise<DeadLetter | null> {
  const found = await findInRedis(fleet, id);
  if (found !== null || fleet.filed == null) return found;
  // A letter that came back while the history was asked is in Redis.
  return (await fleet.filed.find(id)) ?? (await findInRedis(fleet, id));
}

/** The whole of a letter of which the history has a part. */
export async function wholeDeadLetter({ filed }: Fleet, letter: DeadLetter): Promise<DeadLetter> {
  if (letter.row === undefined || filed == null) return letter;
  return (await filed.rest(letter)) ?? letter;
}

async function findInRedis(fleet: Fleet, id: string): Promise<DeadLetter | null> {
  for (const name of await allLanes(fleet)) {
    const letter = await fleet.queue.lanes.at(name).dead.find(id);
    if (letter !== null) return letter;
  }
  return await fleet.queue.intake.letters.find(id);
}
