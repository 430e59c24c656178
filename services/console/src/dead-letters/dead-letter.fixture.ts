import type { DeadLetter } from "@sluice/queue";

/** A letter of an event that a mapping could not read. */
export function letterOf(id: string, at = "2026-11-29T12:00:00.000Z"): DeadLetter {
  return {
    id,
    at,
    destination: "crm",
    object: "customer",
    key: null,
    reason: { code: "mapping_failed", message: "" },
    events: [],
  };
}
