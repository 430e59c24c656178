import type { Event } from "../event.ts";
import { isFileRow, readRow } from "./file-row.ts";
import { asRequest, type KeptWebhook } from "./kept-webhook.ts";
import { readEvents } from "../events/read-events.ts";
import type { Scheme } from "../scheme.ts";

/**
 * The events of a webhook that was kept, or of a row of a file.
 * @throws UnreadableBodyError
 */
export function readKeptEvents(scheme: Scheme, kept: KeptWebhook, source: string): readonly Event[] {
  return isFileRow(kept) ? [readRow(kept, source)] : readEvents(scheme, asRequest(kept), source);
}
