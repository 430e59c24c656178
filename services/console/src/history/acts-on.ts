import type { NamedDeadLetters } from "@sluice/operator";
import type { Acts, NotedAct } from "@sluice/queue";
import { LIMITS } from "../limits.ts";

/** The things whose acts are looked for. */
export type ActedOn = {
  readonly destinations: readonly string[];
  readonly records: readonly { readonly destination: string; readonly object: string; readonly key: string }[];
  readonly events: readonly { readonly source: string; readonly id: string }[];
};

/** The acts of people on these things after `fromMs`, up to and with `untilMs`, the newest first: as far back as one search takes. */
export async function actsOn(
  acts: Acts,
  things: ActedOn,
  fromMs: number,
  untilMs: number,
): Promise<readonly NotedAct[]> {
  const found: NotedAct[] = [];
  const endMs = performance.now() + LIMITS.searchMs;
  const behind = untilMs === Infinity ? null : `${Math.floor(untilMs) + 1}-0`;
  for await (const act of acts.before(behind)) {
    if (act.atMs <= fromMs || performance.now() > endMs) break;
    if (concerns(act, things)) found.push(act);
  }
  return found;
}

export function concerns(
  { action, target, result, details }: NotedAct,
  { destinations, records, events }: ActedOn,
): boolean {
  switch (action) {
    case "destination.hold":
    case "destination.resume":
      return destinations.includes(target);
    case "record.park":
    case "record.unpark":
    case "record.retry":
    case "record.forget":
      return records.some(({ destination, object, key }) => target === `${destination}/${object}/${key}`);
    case "letters.replay":
    case "letters.discard": {
      // The begin of a task names no letters; its end does.
      const named = namedIn(details);
      return (
        result !== "begun" &&
        (named.records.some((name) =>
          records.some(
            ({ destination, object, key }) =>
              name.destination === destination && name.object === object && name.key === key,
          ),
        ) ||
          named.events.some((name) => events.some(({ source, id }) => name.source === source && name.id === id)))
      );
    }
    default:
      return false;
  }
}

function namedIn(details: unknown): Pick<NamedDeadLetters, "records" | "events"> {
  const { letters } = (details ?? {}) as { letters?: Partial<NamedDeadLetters> | number };
  if (typeof letters !== "object") return { records: [], events: [] };
  return { records: letters.records ?? [], events: letters.events ?? [] };
}

/** By action: what somebody did, and the results that say no more than that. */
const DID: Readonly<Record<string, readonly [did: string, ...ordinary: string[]]>> = {
  "destination.hold": ["held", "held"],
  "destination.resume": ["resumed", "resumed"],
  "record.park": ["parked it", "parked"],
  "record.unpark": ["put it back", "due", "waiting"],
  "record.retry": ["had it tried at once", "due", "waiting"],
  "record.forget": ["had its versions forgotten", "forgotten"],
  "letters.replay": ["replayed a dead letter of it", "done"],
  "letters.discard": ["discarded a dead letter of it", "done"],
};

/** An act in a sentence: `ada held crm: their upgrade`. A result that is not what was asked for stands behind it. */
export function actText({ action, target, result, actor, reason }: NotedAct): string {
  const [did = action, ...ordinary] = DID[action] ?? [];
  const of = action.startsWith("destination.") ? ` ${target}` : "";
  const ended = ordinary.includes(result) ? "" : ` (${result})`;
  return `${actor} ${did}${of}${ended}${reason === null ? "" : `: ${reason}`}`;
}
