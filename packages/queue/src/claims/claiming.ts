import { orderArguments, type ClaimAnswer, type Claimed, type ClaimOrder } from "./claim-order.ts";
import { BEHIND_LOOK_AGAIN_MS } from "../limits.ts";
import { beginClaim, type SentClaim, type SentClaimOptions } from "./sent-claim.ts";
import type { StateCheck } from "../state/state-check.ts";

/** The claims of a lane: one script, or as many as the records of its requests need. */
export type Claiming = {
  /** Begins a claim, whose script its caller sends, beside something else. */
  send(order: ClaimOrder): SentClaim;
  /** Claims what the requests of a claim can carry beside its records, script after script: a job of wide records is as full as any. */
  complete(first: Claimed, order: ClaimOrder): Promise<Claimed>;
  claim(order: ClaimOrder): Promise<Claimed>;
};

export type ClaimingOptions = Omit<SentClaimOptions, "again" | "stateCheck"> & {
  readonly stateCheck: Pick<StateCheck, "isDone" | "connection">;
  readonly call: (script: string, args: readonly (string | number)[]) => Promise<unknown>;
  readonly onError?: (error: Error) => void;
};

const LOOK_AGAIN = { kind: "wait", forMs: BEHIND_LOOK_AGAIN_MS } as const;

export function createClaiming({ call, onError = () => {}, ...options }: ClaimingOptions): Claiming {
  const send = (order: ClaimOrder): SentClaim => beginClaim(order, { ...options, again: LOOK_AGAIN });

  async function once(order: ClaimOrder, further?: number): Promise<Claimed> {
    const sent = send(order);
    const answer = await call("sluice_claimBuffer", orderArguments(order, sent.known, further));
    return await sent.read(answer as ClaimAnswer);
  }

  async function complete(first: Claimed, order: ClaimOrder): Promise<Claimed> {
    let all = first;
    while (all.kind === "claimed" && all.further > 0) {
      const next = await once({ ...order, unused: 0 }, all.further).catch((error: unknown) => {
        // Records that were claimed before are written; the leases of those that may have been claimed now end.
        onError(error instanceof Error ? error : new Error(String(error)));
        return null;
      });
      if (next?.kind !== "claimed") return { ...all, further: 0 };
      all = { ...next, claims: [...all.claims, ...next.claims], requests: all.requests, passes: all.passes };
    }
    return all;
  }

  return {
    send,
    complete,
    claim: async (order) => (options.stateCheck.isDone ? await complete(await once(order), order) : LOOK_AGAIN),
  };
}
