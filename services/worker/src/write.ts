import type { Claim } from "@sluice/queue";
import type { Write as AnyWrite } from "@sluice/destination";

/** A write of a record that this worker has claimed. */
export type Write = AnyWrite & { readonly claim: Claim };

export function writeOf(claim: Claim): Write {
  return { effect: claim.snapshot.deletion === null ? "fields" : "delete", claim };
}
