/**
 * An accepted change's end, exactly one for each (docs/design.md §3).
 * - `applied`: its values were the newest of a confirmed write;
 * - `merged`: its values went out in the same write as a newer change's;
 * - `superseded`: nothing of it was newer than what the record holds or was about to hold;
 * - `unchanged`: the destination held these values already;
 * - `dead`: the destination refused it, or its mapping could not read the event;
 * - `discarded`: an operator dropped it.
 */
export const OUTCOMES = ["applied", "merged", "superseded", "unchanged", "dead", "discarded"] as const;
export type Outcome = (typeof OUTCOMES)[number];
