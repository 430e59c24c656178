import { createHash } from "node:crypto";
import type { Event, Json } from "@sluice/event";
import { arrivedAtMs, type Arrival } from "./arrival.ts";
import type { Change, MappedEvent } from "./change.ts";
import { evaluate, ExpressionError } from "./expression.ts";
import { isTrue } from "./expression/truth.ts";
import type { CompiledFetch } from "./fetch.ts";
import { applyMapping, mapRows, readKey, type CompiledMapping, type MappingContext } from "./mapping.ts";
import { readVersion, type Version } from "./version.ts";

/** An event as the rows that are fetched for see it: `data` is the document, `notice` what the event itself carried. */
type HydratedEvent = Event & { readonly notice: Json };

/**
 * The part of an answer that is the document; undefined: it has none.
 * @throws ExpressionError
 */
export async function documentOf(fetch: CompiledFetch, answer: Json, arrivedMs: number): Promise<Json | undefined> {
  return fetch.document === null ? answer : await evaluate(fetch.document, Object(answer) as object, arrivedMs);
}

/**
 * What a thin event means, now that its document is known. Of equal versions the document that was asked for later wins,
 * so the id of the change begins with its event's arrival (microseconds); the same event and the same document give
 * the same id, so that a change that a crash kept from being settled is a duplicate.
 */
export async function mapDocument(event: Event, document: Json, context: HydrationContext): Promise<MappedEvent> {
  const digest = createHash("sha256").update(JSON.stringify(document)).digest("base64url").slice(0, 8);
  const id = `${String(context.arrival.micros).padStart(16, "0")}.${digest}.${event.id}`;
  const { thin: _thin, ...rest } = event;
  const hydrated: HydratedEvent = { ...rest, id, data: document, notice: event.data };
  return await mapHydrated(hydrated, { ...context, mappings: rowsOf(context) });
}

/** An event that was kept with its document, such as in a dead letter, mapped by these rows once more. */
export async function mapHydrated(event: Event, context: MappingContext): Promise<MappedEvent> {
  return await mapRows(event, context.mappings, context, applyMapping);
}

/** Whether an event holds a document beside what it carried itself. `missing`: it was asked for, and there was none. */
export function documentIn(event: Event): "none" | "found" | "missing" {
  if (!("notice" in event)) return "none";
  return JSON.stringify(event.notice) === JSON.stringify(event.data) ? "missing" : "found";
}

/** What a thin event means when its document is gone, where that is configured to be a delete. */
export async function mapMissing(event: Event, context: HydrationContext): Promise<MappedEvent> {
  const id = `${String(context.arrival.micros).padStart(16, "0")}.missing.${event.id}`;
  const hydrated: HydratedEvent = { ...event, id, notice: event.data };
  return await mapRows(hydrated, rowsOf(context), context, deletion);
}

/** The arrival is that of the newest event that asked for the document. */
export type HydrationContext = MappingContext & {
  readonly fetch: CompiledFetch;
  /** When the document was received, which may be days after the event: its version may be as new. */
  readonly fetchedAtMs: number;
};

function rowsOf({ mappings, fetch }: HydrationContext): readonly CompiledMapping[] {
  return mappings.filter((mapping) => mapping.fetch?.place === fetch.place);
}

/** Without the document only the event says which record is meant, and when it went. */
async function deletion(
  event: HydratedEvent,
  mapping: CompiledMapping,
  { arrival }: HydrationContext,
): Promise<Change | null> {
  const atMs = arrivedAtMs(arrival);
  if (mapping.when !== null && !isTrue(await evaluate(mapping.when, event, atMs))) return null;
  const key = readKey(await evaluate(mapping.key.expression, event, atMs), mapping);
  const { destination, object } = mapping;
  return { destination, object, key, version: deletionVersion(event, mapping, arrival), effect: { kind: "delete" } };
}

/** A delete of which nobody says when takes its arrival. */
function deletionVersion({ time }: Event, { version }: CompiledMapping, { micros }: Arrival): Version | null {
  if (version === null) return null;
  if (time === null) return { kind: "time", micros: BigInt(micros) };
  const read = readVersion(time);
  if (!("fault" in read)) return read;
  throw new ExpressionError(version, `the document is gone and the event does not say when: ${read.fault}`);
}
