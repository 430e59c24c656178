import { readClaimed, type ClaimAnswer, type Claimed, type ClaimOrder, type KnownTokens } from "./claim-order.ts";
import type { Claim } from "./claim.ts";
import type { StateCheck } from "../state/state-check.ts";
import type { LaneMark } from "../state/lane-mark.ts";

/** A claim under way: the tokens that its script compares, and the reading of its answer. */
export type SentClaim = { readonly known: KnownTokens; read(answer: ClaimAnswer): Promise<Claimed> };

export type SentClaimOptions = {
  readonly destination: string;
  readonly mark: LaneMark;
  readonly stateCheck: Pick<StateCheck, "connection">;
  /** The state's name, which the claims carry. */
  readonly state: () => string | null;
  readonly giveBack: (claim: Claim) => Promise<unknown>;
  /** The answer in place of claims that were given back. */
  readonly again: Claimed;
};

/** Begins a claim, before its script is sent: the lease that we believe in ends before the one that Redis grants. */
export function beginClaim(order: ClaimOrder, options: SentClaimOptions): SentClaim {
  const { destination, mark, stateCheck, state, giveBack, again } = options;
  const name = state();
  const known = mark.of(order.session);
  const sentOn = stateCheck.connection;
  const leaseEndsAt = performance.now() + order.leaseMs;
  return {
    known,
    async read(answer) {
      const { remember } = order;
      // A renamed destination has books of its own until what the old name holds is moved.
      const books = name === null ? null : `${name} ${destination}`;
      const claimed = mark.read(readClaimed(answer, { destination, leaseEndsAt, remember, state: books }), known);
      if (claimed.kind !== "claimed" || sentOn === stateCheck.connection) return claimed;
      // Sent on one connection and answered on the next, the claim may be of a state that nobody has looked at.
      await Promise.all(claimed.claims.map(giveBack));
      return again;
    },
  };
}
