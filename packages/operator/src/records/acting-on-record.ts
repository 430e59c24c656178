import type { RecordKey } from "@sluice/record";
import type { Records } from "@sluice/queue";
import { acting, type Actor } from "../acting.ts";
import { assertDestination, type Fleet } from "../fleet.ts";

export type RecordPlace = { readonly destination: string; readonly object: string; readonly key: RecordKey };
export type RecordAct = "park" | "unpark" | "retry" | "forget";

/** `none`: nothing of the record is pending, or known. `flying`: a request with it is under way, and nothing was done. */
export type RecordWord = Awaited<ReturnType<Records[RecordAct]>>;

/**
 * Takes a record out of the line, puts it back, lets it have its next attempt now, or forgets it.
 * @throws SluiceError `destination_unknown`
 */
export async function actOnRecord(fleet: Fleet, place: RecordPlace, act: RecordAct, by: Actor): Promise<RecordWord> {
  const { destination, object, key } = place;
  assertDestination(fleet, destination);
  const { records } = fleet.queue.lane(destination);
  const target = `${destination}/${object}/${key.value}`;
  const { word } = await acting(fleet.queue, by, { action: `record.${act}`, target }, async () => ({
    word: await records[act](object, key),
  }));
  return word;
}
