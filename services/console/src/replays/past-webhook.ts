import { FILE_METHOD, type KeptWebhook } from "@sluice/event";
import { refOf, type Understood, type StoredRequest } from "@sluice/history";
import type { PastWebhook } from "@sluice/operator";
import type { SourceConfiguration } from "@sluice/runtime";
import type { LEFT_OUT_REASONS } from "../contract/replay.ts";
import { LIMITS } from "../limits.ts";
import { timeOf } from "../live-state.ts";

export type LeftOut = (typeof LEFT_OUT_REASONS)[number];

export type Past = PastWebhook & { readonly source: SourceConfiguration; readonly secretNumber: number };

/** A webhook of the history as it can be understood again, or why it can't. */
export function pastOf(
  { source: name, first, request, events }: Understood,
  sources: ReadonlyMap<string, SourceConfiguration>,
): Past | LeftOut {
  if (request === null) return "document";
  if (request.redacted.length > 0) return "redacted";
  if (request.isCut) return "cut";
  const source = sources.get(name);
  if (source === undefined) return "source_unknown";
  const { micros, session } = first;
  const { secretNumber } = request;
  return { kept: keptOf(request), arrival: { micros, session }, ids: events.map(({ id }) => id), source, secretNumber };
}

function keptOf({ method, url, query, headers, body }: StoredRequest): KeptWebhook {
  const path = method !== FILE_METHOD && URL.canParse(url) ? new URL(url).pathname : url;
  return { method, url, path, query, headers, body };
}

/** An event's name, as the history calls it. */
export function pastEventName({ source, first, events }: Understood, at: number, found: { id: string; type: string }) {
  const delivery = { ...first, micros: first.micros + at };
  const { id, type } = events[at] ?? found;
  return { ref: refOf(delivery), id, source, type, arrivedAt: timeOf(Math.floor(delivery.micros / 1000)) };
}

/**
 * Tells repetitions: the later delivery of an event is not understood again. With its later arrival, the event would count as newer than what
 * came in between.
 */
export function createRepetitions(): (webhook: Understood) => boolean {
  const lately = new Set<string>();
  return ({ source, events }) => {
    const names = events.map(({ id }) => JSON.stringify([source, id]));
    const isMerged = events.some(({ changes }) => changes.length > 0);
    const isRepeated = isMerged
      ? events.some(({ changes }) => changes.some(({ word }) => word === "duplicate"))
      : names.some((name) => lately.has(name));
    for (const name of names) lately.add(name);
    for (const name of lately) {
      if (lately.size <= LIMITS.replayRecentIds) break;
      lately.delete(name);
    }
    return isRepeated;
  };
}
