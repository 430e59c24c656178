import type { SentEvent } from "./history.ts";
import type { Loss } from "./redis-servers.ts";
import type { Heard } from "./senders.ts";

/** Events that may explain a difference: the state went back, doors ended, events that a difference names were acknowledged. */
export function timelineOf(facts: {
  readonly losses: readonly Loss[];
  readonly events: readonly SentEvent[];
  readonly heard: ReadonlyMap<string, readonly Heard[]>;
  readonly doorEndsMs: readonly (readonly number[])[];
  readonly lines: readonly string[];
  readonly beganAtMs: number;
}): readonly string[] {
  const { losses, events, heard, doorEndsMs, lines, beganAtMs } = facts;
  const at = (ms: number): string => `${((ms - beganAtMs) / 1000).toFixed(2)} s`;
  const named =
    lines
      .slice(0, SHOWN)
      .join(" ")
      .match(/(?:erp|shop)-\d+|1:2:\d+:\d+:\d+/g) ?? [];
  const known = new Map(events.map((event) => [event.id, event]));
  return [
    ...losses.map(({ kind, fromMs, atMs }) => `${at(atMs)}: ${kind}, the state of ${at(fromMs)}`),
    ...doorEndsMs.flatMap((ends, door) => ends.map((ms) => `${at(ms)}: door ${door} ended`)),
    ...[...new Set(named)]
      .filter((id) => known.has(id))
      .map((id) => {
        const by = (heard.get(id) ?? []).map(({ atMs, door }) => `${at(atMs)} by door ${door}`);
        return `${id} acknowledged ${by.join(", ")}`;
      }),
  ];
}

const SHOWN = 10;
