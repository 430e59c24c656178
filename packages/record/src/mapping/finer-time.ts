import type { Event } from "@sluice/event";
import { readVersion } from "../version.ts";

/** The event's own time in microseconds, where its sender says it more finely than the version; null: the sender does not. */
export function finerMicrosOf({ finer }: Pick<Event, "finer">): bigint | null {
  if (finer === undefined) return null;
  const read = readVersion(finer);
  return "fault" in read || read.kind !== "time" ? null : read.micros;
}
