import type { SentEvent } from "./history.ts";
import { compare, type Change } from "./oracle.ts";
import type { Loss } from "./redis-servers.ts";
import type { Heard } from "./senders.ts";

/** Events that may explain a difference: the state went back, doors ended, changes of the field were acknowledged. */
export function timelineOf(facts: {
  readonly losses: readonly Loss[];
  readonly events: readonly SentEvent[];
  readonly heard: ReadonlyMap<string, readonly Heard[]>;
  readonly doorEndsMs: readonly (readonly number[])[];
  /** Events that may be lost. */
  readonly excused: readonly SentEvent[];
  readonly lines: readonly string[];
  readonly beganAtMs: number;
}): readonly string[] {
  const { losses, events, heard, doorEndsMs, lines, beganAtMs } = facts;
  const excused = new Set(facts.excused);
  const at = (ms: number): string => `${((ms - beganAtMs) / 1000).toFixed(2)} s`;
  const said = ({ event, change, field }: Spoken): string => {
    const value = change.fields === null ? "deleted" : JSON.stringify(change.fields.get(field));
    const by = (heard.get(event.id) ?? []).map(({ atMs, door }) => `${at(atMs)} by door ${door}`);
    return `  ${change.stamp.version} ${event.id}: ${value}, acknowledged ${by.join(", ")}${excused.has(event) ? ", may be lost" : ""}`;
  };
  return [
    ...losses.map(({ kind, fromMs, atMs }) => `${at(atMs)}: ${kind}, the state of ${at(fromMs)}`),
    ...doorEndsMs.flatMap((ends, door) => ends.map((ms) => `${at(ms)}: door ${door} ended`)),
    ...lines.slice(0, SHOWN).flatMap((line) => {
      const [object = "", id = "", field = ""] = line.split(" ");
      return [`${object} ${id} ${field}`, ...spokenOf(events, `${object} ${id}`, field).map(said)];
    }),
  ];
}

type Spoken = { readonly event: SentEvent; readonly change: Change; readonly field: string };

/** The newest changes that speak of the field, or delete its record, the newest first. */
function spokenOf(events: readonly SentEvent[], record: string, field: string): readonly Spoken[] {
  return events
    .flatMap((event) => event.changes.map((change) => ({ event, change, field })))
    .filter(({ change }) => change.record === record && (change.fields === null || change.fields.has(field)))
    .toSorted((a, b) => compare(b.change.stamp, a.change.stamp))
    .slice(0, SPOKEN);
}

const SHOWN = 12;
const SPOKEN = 8;
