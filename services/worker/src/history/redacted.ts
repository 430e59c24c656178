import { isDeepStrictEqual } from "node:util";
import { FILE_METHOD, parseJson, readKeptEvents, type KeptWebhook } from "@sluice/event";
import {
  readPath,
  redact,
  type Understood,
  type UnderstoodChange,
  type UnderstoodEvent,
  type StoredRequest,
} from "@sluice/history";
import type { IntakeWebhook } from "@sluice/queue";
import { mapEvent, type Change, type MappedEvent } from "@sluice/record";
import type { SourceConfiguration } from "@sluice/runtime";
import type { TimeSlices } from "../understanding/time-slices.ts";

export type MappingAgain = {
  readonly versionSkewMs: number;
  /** The event loop is given back between events: mapping once more takes as long as mapping. */
  readonly slices: TimeSlices;
};

/**
 * Takes the values that the source's `redact` names out of a line. They are replaced in the body; the fields made of them are found by
 * mapping the replaced event once more: a field that turns out differently depends on them, and its value is left out too.
 */
export async function redacted(
  line: Understood,
  webhook: IntakeWebhook,
  source: SourceConfiguration,
  { versionSkewMs, slices }: MappingAgain,
): Promise<Understood> {
  const paths = source.redact ?? [];
  const kept = keptWithout(webhook.kept, paths.map(readPath));
  const again =
    kept === null ? null : await mappedAgain(kept, webhook, source, { versionSkewMs, slices }).catch(() => null);
  return {
    ...line,
    request: line.request === null ? null : requestWith(line.request, kept?.body ?? null, paths),
    fault: line.fault === null ? null : { ...line.fault, message: LEFT_OUT_MARKER },
    events: line.events.map((event, at) => without(event, again?.[at])),
  };
}

export const LEFT_OUT_MARKER = "left out: the source's `redact` may name a part of it";

/** The line of a webhook whose source is not configured any more: nobody knows the `redact` that it had. */
export function withoutBody(line: Understood): Understood {
  return { ...line, request: line.request === null ? null : requestWith(line.request, null, []) };
}

/** A body that is cut is left out whole: nothing can be told apart in it. */
function requestWith(request: StoredRequest, body: string | null, paths: readonly string[]): StoredRequest {
  if (body === null || request.isCut) return { ...request, body: "", redacted: ["the whole body"] };
  return { ...request, body, redacted: paths };
}

/** The kept webhook without the values at the paths; null: its body is no JSON, or no sender's, and nothing can be told apart in it. */
function keptWithout(kept: KeptWebhook, paths: readonly (readonly string[])[]): KeptWebhook | null {
  // The paths are those of the sender's body: a row of a file has others.
  if (kept.method === FILE_METHOD) return null;
  try {
    return { ...kept, body: JSON.stringify(redact(parseJson(Buffer.from(kept.body)), paths)) };
  } catch {
    return null;
  }
}

async function mappedAgain(
  kept: KeptWebhook,
  { arrival, rank, run, ids }: IntakeWebhook,
  { scheme, name, mappings }: SourceConfiguration,
  { versionSkewMs, slices }: MappingAgain,
): Promise<readonly MappedEvent[]> {
  const events = readKeptEvents(scheme, kept, name);
  // Events that stand at other places can't be compared one by one.
  if (events.length !== ids.length) return [];
  const mapped: MappedEvent[] = [];
  for (const [at, event] of events.entries()) {
    const own = { ...arrival, micros: arrival.micros + at };
    const context = { rank, mappings, versionSkewMs, arrival: own, run };
    const { value } = await slices.take(async () => await mapEvent({ ...event, id: ids[at] ?? event.id }, context));
    mapped.push(value);
  }
  return mapped;
}

function without(event: UnderstoodEvent, again: MappedEvent | undefined): UnderstoodEvent {
  return {
    ...event,
    changes: event.changes.map((change, at) => {
      const alike = again?.changes.find((other) => isOfSameRecord(other, change)) ?? again?.changes[at];
      return hidden(change, alike);
    }),
    faults: event.faults.map((fault) => ({ ...fault, message: LEFT_OUT_MARKER })),
  };
}

function isOfSameRecord({ destination, object, key }: Change, { record }: UnderstoodChange): boolean {
  return destination === record.destination && object === record.object && key.value === record.key;
}

function hidden(change: UnderstoodChange, again: Change | undefined): UnderstoodChange {
  const known = again?.effect.kind === "fields" ? again.effect.fields : new Map<string, unknown>();
  const isSame = (field: string, value: unknown): boolean =>
    known.has(field) && isDeepStrictEqual(known.get(field), value);
  const fields = Object.entries(change.fields);
  return {
    ...change,
    fields: Object.fromEntries(fields.filter(([field, value]) => isSame(field, value))),
    hidden: fields.filter(([field, value]) => !isSame(field, value)).map(([field]) => field),
  };
}
