import type { DeadLetter } from "@sluice/queue";
import { allLanes, type Fleet } from "../fleet.ts";

/** Every dead letter, of all lanes and of the intake, in no order. */
export async function* allLetters(fleet: Fleet): AsyncIterable<DeadLetter> {
  for (const name of await allLanes(fleet)) yield* fleet.queue.lanes.at(name).dead.all();
  yield* fleet.queue.intake.letters.all();
}

/** Null: there is none of this id. */
export async function findLetter(fleet: Fleet, id: string): Promise<DeadLetter | null> {
  for (const name of await allLanes(fleet)) {
    const letter = await fleet.queue.lanes.at(name).dead.find(id);
    if (letter !== null) return letter;
  }
  return await fleet.queue.intake.letters.find(id);
}
