import { newestFirst, type DeadLetter, type LetterPlace, type PlacedLetter, type Queue } from "@sluice/queue";
import { SluiceError, type Configuration } from "@sluice/runtime";
import { allLanes } from "../left-behind.ts";
import { selectionOf, type Filters } from "./selection.ts";

export type Fleet = { readonly configuration: Configuration; readonly queue: Queue };

/** @throws SluiceError `dead_letter_unknown` */
export async function letterOf({ configuration, queue }: Fleet, id: string): Promise<DeadLetter> {
  for (const name of await allLanes(configuration, queue)) {
    const letter = await queue.lanes.at(name).dead.find(id);
    if (letter !== null) return letter;
  }
  const letter = await queue.intake.letters.find(id);
  if (letter !== null) return letter;
  throw new SluiceError(`There is no dead letter ${id}`, {
    code: "dead_letter_unknown",
    hint: "it may have healed or been replayed meanwhile: `sluice dead list` shows those that are",
  });
}

/** The letters that the filters choose, the newest first, read page by page: nobody who stops early reads the rest. */
export async function* chosenLetters(
  { configuration, queue }: Fleet,
  filters: Filters,
  { nowMs, after }: { readonly nowMs: number; readonly after?: LetterPlace | undefined },
): AsyncIterable<PlacedLetter> {
  const { wants, sinceMs } = selectionOf(filters, nowMs);
  const { destination, source } = filters;
  const names = (await allLanes(configuration, queue)).filter(
    (name) => destination === undefined || name === destination,
  );
  const keepers = [...names.map((name) => queue.lanes.at(name).dead), queue.intake.letters];
  for (const keeper of keepers) await keeper.repair();
  for await (const placed of newestFirst(keepers.map((keeper) => keeper.newest({ source, after })))) {
    if (placed.place.micros < sinceMs * 1000) return;
    if (wants(placed.letter)) yield placed;
  }
}

/** As `dead list` prints it where there is more, and takes it with `--after`. */
export function placeText({ micros, id }: LetterPlace): string {
  return `${micros}:${id}`;
}

/** @throws SluiceError `option_invalid` */
export function readPlace(text: string): LetterPlace {
  const [, micros, id] = /^(\d{1,16}):(.+)$/s.exec(text) ?? [];
  if (micros !== undefined && id !== undefined) return { micros: Number(micros), id };
  throw new SluiceError(`--after is ${JSON.stringify(text)}`, {
    code: "option_invalid",
    hint: "give what `sluice dead list` printed behind `more:`",
  });
}
