import { presetFetches, readEvents, UnreadableBodyError, type Json, type Sender } from "@sluice/event";
import { mapEvent, type Change, type CompiledMapping, type MappedEvent } from "@sluice/record";
import { readConfiguration } from "@sluice/runtime";

/** A secret that the scheme can use: user and password where it wants both. */
function secretOf({ check }: Sender): string {
  return check.type === "basic" ? "sluice:hush" : "hush";
}

/** Read mappings by sender, and by whether it fetches: reading a configuration takes longer than mapping a hundred events. */
const read = new Map<string, readonly CompiledMapping[]>();

/** The rows that `records: preset` of a sender stands for. A sender whose events are always thin is given an address to ask. */
export function mappingsOf(sender: Sender, fetched = presetFetches(sender) === "always"): readonly CompiledMapping[] {
  const known = `${sender.name} ${fetched}`;
  const mappings = read.get(known) ?? readPreset(sender, fetched);
  read.set(known, mappings);
  return mappings;
}

function readPreset(sender: Sender, fetched: boolean): readonly CompiledMapping[] {
  const fetch = fetched ? { fetch: { base: "https://api.example.com" } } : {};
  const text = JSON.stringify({
    sources: { it: { scheme: sender.name, secrets: [secretOf(sender)], records: "preset", ...fetch } },
    destinations: { crm: { kind: "zendesk", url: "http://127.0.0.1:1", auth: { bearer: "none" } } },
  });
  return readConfiguration(text, { path: "sluice.yaml", env: {} }).sources.get("it")!.mappings;
}

/** The changes that a sender's preset makes of a body, with its sample's headers as they are. */
export async function mapped(
  sender: Sender,
  mappings: readonly CompiledMapping[],
  body: Json,
): Promise<readonly MappedEvent[]> {
  const { headers, query = "" } = sender.sample;
  const request = {
    method: "POST",
    url: `https://in.example.com/webhooks/it${query}`,
    path: "/webhooks/it",
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
  const arrival = { micros: Date.UTC(2026, 10, 5, 12) * 1000, session: 1 };
  const context = { rank: 0, mappings, arrival, run: 0, versionSkewMs: 86_400_000 };
  return await Promise.all(readEvents(sender, request, "it").map((event) => mapEvent(event, context)));
}

export function shown({ object, key, version, effect }: Change): object {
  const at = version?.kind === "time" ? new Date(Number(version.micros / 1000n)).toISOString() : version?.value;
  return [object, key.value, String(at), effect.kind === "delete" ? "deleted" : Object.fromEntries(effect.fields)];
}

export const NAME = "standard::name";
export const AT = "2026-11-05T11:59:5";

type Fields = Readonly<Record<string, Json>>;

/** The values that the body sets, by record; undefined: the body can't be read, or a fault is told. */
export async function setBy(sender: Sender, body: Json): Promise<ReadonlyMap<string, Fields> | undefined> {
  let events: readonly MappedEvent[];
  try {
    events = await mapped(sender, mappingsOf(sender, false), body);
  } catch (error) {
    if (error instanceof UnreadableBodyError) return undefined;
    throw error;
  }
  if (events.some(({ faults }) => faults.length > 0)) return undefined;
  const changes = events.flatMap((event) => event.changes.map(shown)) as [string, string, string, Fields | "deleted"][];
  return new Map(changes.flatMap(([object, key, , set]) => (set === "deleted" ? [] : [[`${object} ${key}`, set]])));
}

/** The paths of all values that are neither objects nor lists. */
export function leavesOf(value: Json): readonly (readonly string[])[] {
  if (value === null || typeof value !== "object") return [[]];
  return Object.entries(value).flatMap(([member, inner]) => leavesOf(inner).map((path) => [member, ...path]));
}

/** A copy with another value at the path; undefined: without it. */
export function changed(body: Json, path: readonly string[], value: Json | undefined): Json {
  const copy = structuredClone(body);
  let at = copy as Record<string, Json>;
  for (const member of path.slice(0, -1)) at = at[member] as Record<string, Json>;
  const last = path.at(-1)!;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}
