import type { Event } from "@sluice/event";
import { isOfEvent, isOfIntake, isOfRecord, type DeadLetter } from "@sluice/queue";
import { laneNames } from "@sluice/runtime";
import type { Fleet } from "../fleet.ts";
import { editedEvent, hasEdit, recordEdit, type DeadLetterEdit } from "./edit.ts";
import { replayEvent, type EventReplay } from "./replay-event.ts";

/** The result of an act on a dead letter: a word, and whether it was done. */
export type DeadLetterResult = { readonly letter: DeadLetter; readonly word: string; readonly done: boolean };

/** Sends a dead letter again, as it is or edited. @throws SluiceError `edit_invalid` */
export async function replayDeadLetter(
  fleet: Fleet,
  letter: DeadLetter,
  edit: DeadLetterEdit,
): Promise<DeadLetterResult> {
  if (isOfIntake(letter)) {
    if (hasEdit(edit)) return { letter, word: "unedited", done: false };
    if (typeof letter.event !== "object") return { letter, word: "unreadable", done: false };
    if (!(await isBroughtBack(fleet, letter))) return { letter, word: "gone", done: false };
    const word = await fleet.queue.intake.letters.replay(letter);
    return { letter, word, done: word === "replayed" };
  }
  if (!laneNames(fleet.configuration).includes(letter.destination)) return { letter, word: "unserved", done: false };
  const { dead } = fleet.queue.lane(letter.destination);
  if (!isOfEvent(letter)) {
    const word = await dead.replay(letter.id, recordEdit(edit));
    return { letter, word, done: word === "replayed" };
  }
  const mapped = await mapLetter(fleet, letter, edit, await fleet.queue.nextRun());
  if (mapped.kind !== "changes") return { letter, word: mapped.why, done: false };
  // Not before it is sure that something is done with it: letters that can't be mapped yet stay where they are.
  if (!(await isBroughtBack(fleet, letter))) return { letter, word: "gone", done: false };
  const word = await mapped.merge(fleet.queue.merging);
  // An event that ends as it did before may have a new letter with the id of this one, made by another run.
  const standing = await dead.find(letter.id);
  if (standing?.run === letter.run) await dead.forget(letter.id);
  return { letter, word, done: word !== "dead" };
}

/** Drops a dead letter: its values are never sent. */
export async function discardDeadLetter(fleet: Fleet, letter: DeadLetter): Promise<DeadLetterResult> {
  const { queue } = fleet;
  if (!(await isBroughtBack(fleet, letter))) return { letter, word: "gone", done: false };
  const word = isOfIntake(letter)
    ? await queue.intake.letters.discard(letter.id)
    : await queue.lanes.at(letter.destination).dead.discard(letter);
  return { letter, word, done: word === "discarded" };
}

/**
 * Has a letter in Redis, and keeps it there, before anything is done with it: so the books are written where they always are.
 * @returns false: it is gone
 */
async function isBroughtBack(fleet: Fleet, letter: DeadLetter): Promise<boolean> {
  // The letter of a record never leaves wholly.
  if (isOfRecord(letter)) return true;
  // First: whatever has not left by now does not leave under the act.
  const isHere = await fleet.queue.letters.filed.hold(letter);
  if (fleet.filed == null) return isHere;
  try {
    // An earlier letter of the same event gives way, also where Redis has the letter.
    return (await fleet.filed.bringBack(letter.id)) || isHere;
  } catch (error) {
    if (isHere) return true;
    throw error;
  }
}

/** A replay's effect on a letter, foreseen: what would be done, and why it would be left. */
export type DeadLetterForecast = {
  readonly would: "send_again" | "map_again" | "understand_again" | "leave";
  readonly why: string | null;
};

export async function foreseeReplay(
  fleet: Fleet,
  letter: DeadLetter,
  edit: DeadLetterEdit,
): Promise<DeadLetterForecast> {
  const leave = (word: string): DeadLetterForecast => ({ would: "leave", why: explainWord(word) });
  if (isOfIntake(letter)) {
    if (hasEdit(edit)) return leave("unedited");
    return typeof letter.event === "object" ? { would: "understand_again", why: null } : leave("unreadable");
  }
  if (!laneNames(fleet.configuration).includes(letter.destination)) return leave("unserved");
  if (!isOfEvent(letter)) return { would: "send_again", why: null };
  // The number of a replay orders its changes; whether there are any does not depend on it.
  const mapped = await mapLetter(fleet, letter, edit, 0);
  return mapped.kind === "changes" ? { would: "map_again", why: null } : leave(mapped.why);
}

async function mapLetter(
  { configuration }: Fleet,
  letter: DeadLetter,
  edit: DeadLetterEdit,
  run: number,
): Promise<EventReplay> {
  if (letter.event === undefined) {
    return { kind: "fails", why: "its event was too large to be kept: have it sent again" };
  }
  const event = editedEvent(letter.event as Event, edit);
  return await replayEvent(letter, event, configuration, run);
}

/** The sentence for a word that says why nothing was done. */
export function explainWord(word: string): string {
  switch (word) {
    case "gone":
      return "it is gone: it healed, or somebody was faster";
    case "underway":
      return "newer changes of the record wait to be written, and it goes out with them";
    case "empty":
      return "the edit leaves nothing to send: discard it instead";
    case "dead":
      return "it could not be applied again: the new dead letter says why";
    case "unreadable":
      return "it is a job that nobody could read: discard it once you have looked at it";
    case "unserved":
      return "the configuration has no such destination: `sluice move` it to the one that takes its place first";
    case "unedited":
      return "a webhook is understood as it came: mend the mapping, and replay it without an edit";
    case "changed":
      return "it is another letter by now than the one that was planned: plan anew";
    default:
      return word;
  }
}
