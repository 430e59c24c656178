import { isDeepStrictEqual } from "node:util";
import { asRequest, parseJson, readEvents, type KeptWebhook } from "@sluice/event";
import { readPath, redact, type Understood, type UnderstoodChange, type UnderstoodEvent } from "@sluice/history";
import type { IntakeWebhook } from "@sluice/queue";
import { mapEvent, type Change, type MappedEvent } from "@sluice/record";
import type { SourceConfiguration } from "@sluice/runtime";

/**
 * Takes the values that the source's `redact` names out of a line. They are replaced in the body; the fields made of them are found by
 * mapping the replaced event once more: a field that turns out differently depends on them, and its value is left out too.
 */
export async function redacted(
  line: Understood,
  webhook: IntakeWebhook,
  source: SourceConfiguration,
  versionSkewMs: number,
): Promise<Understood> {
  const paths = source.redact ?? [];
  const { request } = line;
  if (request === null || paths.length === 0) return line;
  const kept = keptWithout(webhook.kept, paths.map(readPath));
  const body = kept === null || request.isCut ? "" : kept.body;
  const again = kept === null ? null : await mappedAgain(kept, webhook, source, versionSkewMs).catch(() => null);
  return {
    ...line,
    request: { ...request, body, redacted: body === "" ? ["the whole body"] : paths },
    fault: line.fault === null ? null : { ...line.fault, message: LEFT_OUT },
    events: line.events.map((event, at) => without(event, again?.[at])),
  };
}

const LEFT_OUT = "left out: the source's `redact` may name a part of it";

/** The kept webhook without the values at the paths; null: its body is no JSON, and nothing can be told apart in it. */
function keptWithout(kept: KeptWebhook, paths: readonly (readonly string[])[]): KeptWebhook | null {
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
  versionSkewMs: number,
): Promise<readonly MappedEvent[]> {
  const events = readEvents(scheme, asRequest(kept), name);
  return await Promise.all(
    events.map(async (event, at) => {
      const own = { ...arrival, micros: arrival.micros + at };
      return await mapEvent(
        { ...event, id: ids[at] ?? event.id },
        { rank, mappings, versionSkewMs, arrival: own, run },
      );
    }),
  );
}

function without(event: UnderstoodEvent, again: MappedEvent | undefined): UnderstoodEvent {
  return {
    ...event,
    changes: event.changes.map((change, at) => {
      const alike = again?.changes.find((other) => isOfSameRecord(other, change)) ?? again?.changes[at];
      return hidden(change, alike);
    }),
    faults: event.faults.map((fault) => ({ ...fault, message: LEFT_OUT })),
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
