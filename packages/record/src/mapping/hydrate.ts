import { createHash } from "node:crypto";
import type { Event, Json } from "@sluice/event";
import { arrivedAtMs, type Arrival } from "../arrival.ts";
import type { Change, MappedEvent } from "../change.ts";
import { evaluate, ExpressionError } from "../expression/expression.ts";
import { isTrue } from "../expression/truth.ts";
import type { CompiledFetch } from "./fetch.ts";
import { applyMapping, mapRows, readKey, type CompiledMapping, type MappingContext } from "./mapping.ts";
import { readVersion, type Version } from "../version.ts";

/** An event as rows with a `fetch` see it: `data` is the document, `notice` the event's own data. */
type HydratedEvent = Event & { readonly notice: Json };

/**
 * The part of an answer that is the document; undefined: the answer has none.
 * @throws ExpressionError
 */
export async function documentOf(fetch: CompiledFetch, answer: Json, arrivedMs: number): Promise<Json | undefined> {
  return fetch.document === null ? answer : await evaluate(fetch.document, Object(answer) as object, arrivedMs);
}

/** Whether an answer that refuses a document says that there is none; one that the expression fails on does not. */
export async function saysGone({ gone }: CompiledFetch, answer: Json, arrivedMs: number): Promise<boolean> {
  if (gone === null) return false;
  try {
    return isTrue(await evaluate(gone, Object(answer) as object, arrivedMs));
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

/**
 * Maps a thin event with its document. Where versions are equal the document that was asked for later wins, so the id of the
 * change begins with its event's arrival (microseconds); the same event and the same document give the same id, so that a
 * change that a crash kept from being settled is a duplicate.
 */
export async function mapDocument(event: Event, document: Json, context: HydrationContext): Promise<MappedEvent> {
  const digest = createHash("sha256").update(JSON.stringify(document)).digest("base64url").slice(0, 8);
  const id = `${String(context.arrival.micros).padStart(16, "0")}.${digest}.${event.id}`;
  const { thin: _thin, ...rest } = event;
  const hydrated: HydratedEvent = { ...rest, id, data: document, notice: event.data };
  return await mapHydrated(hydrated, { ...context, mappings: rowsOf(context) });
}

/** Maps an event that was kept with its document, such as in a dead letter, by these rows once more. */
export async function mapHydrated(event: Event, context: MappingContext): Promise<MappedEvent> {
  return await mapRows(event, context.mappings, context, applyMapping);
}

/** Whether an event holds a document beside its own data. `missing`: the document was asked for, and there was none. */
export function documentIn(event: Event): "none" | "found" | "missing" {
  if (!("notice" in event)) return "none";
  return JSON.stringify(event.notice) === JSON.stringify(event.data) ? "missing" : "found";
}

/** Maps a thin event whose document is gone to a delete, where that is configured. */
export async function mapMissing(event: Event, context: HydrationContext): Promise<MappedEvent> {
  const id = `${String(context.arrival.micros).padStart(16, "0")}.missing.${event.id}`;
  const hydrated: HydratedEvent = { ...event, id, notice: event.data };
  return await mapRows(hydrated, rowsOf(context), context, deletion);
}

/** The context of a document; `arrival` is that of the newest event that asked for it. */
export type HydrationContext = MappingContext & {
  readonly fetch: CompiledFetch;
  /** When the document was received, which may be days after the event: the document's version may be as new. */
  readonly fetchedAtMs: number;
};

function rowsOf({ mappings, fetch }: HydrationContext): readonly CompiledMapping[] {
  return mappings.filter((mapping) => mapping.fetch?.place === fetch.place);
}

/** The delete of a record whose document is gone: only the event says which record it is, and when it went. */
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

/** The version of a delete. A delete without a time takes its arrival. */
function deletionVersion({ time }: Event, { version }: CompiledMapping, { micros }: Arrival): Version | null {
  if (version === null) return null;
  if (time === null) return { kind: "time", micros: BigInt(micros) };
  const read = readVersion(time);
  if (!("fault" in read)) return read;
  throw new ExpressionError(version, `the document is gone and the event does not say when: ${read.fault}`);
}
