import type { Claim } from "@sluice/queue";
import type { Write as AnyWrite } from "@sluice/destination";
import type { FlightSpan } from "../tracing/flight-span.ts";

/** A write of a record that this worker has claimed. */
export type ClaimedWrite = AnyWrite & {
  readonly claim: Claim;
  /** The span of the flight. Absent: the write is in no trace. */
  readonly flight?: FlightSpan;
};

export function writeOf(claim: Claim): ClaimedWrite {
  return { effect: claim.snapshot.deletion === null ? "fields" : "delete", claim };
}
