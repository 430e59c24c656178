import { writeFlown } from "../../../packages/history/src/written/flown.ts";
import { namesOfFlown, namesOfUnderstood } from "../../../packages/history/src/written/names.ts";
import { writeUnderstood } from "../../../packages/history/src/written/understood.ts";
import { flownOf, understoodOf } from "./lines.ts";

/** Lines of a segment. */
export const LINES = 512;
/** The event that is searched for: it became a dead letter for this reason. */
export const NEEDLE = 234_567;
export const NEEDLE_CODE = "needle_refused";

export function eventIdOf(event: number): string {
  return `${(event * 2_654_435_761).toString(16)}-event`;
}

/** Ten events for each record. */
export function keyOf(event: number): string {
  return String(100_000 + Math.floor(event / 10) * 7);
}

type Hidden = { readonly line: string; readonly names: readonly string[] };

/** The lines of the event that is searched for, each with its names. */
export function needleLines(): { readonly understood: Hidden; readonly flown: Hidden } {
  const made = understoodOf(NEEDLE);
  const events = made.events.map((event) => ({
    ...event,
    id: eventIdOf(NEEDLE),
    changes: event.changes.map((change) => ({ ...change, record: { ...change.record, key: keyOf(NEEDLE) } })),
  }));
  const understood = { ...made, events };
  const flown = { ...flownOf(understood), verdict: "buried", status: "422", code: NEEDLE_CODE } as const;
  return {
    understood: { line: writeUnderstood(understood), names: namesOfUnderstood(understood) },
    flown: { line: writeFlown(flown), names: namesOfFlown(flown) },
  };
}
