import { readClaim, type Claim, type ClaimCircumstances, type ClaimRow } from "./claim.ts";
import type { RequestTerms } from "../gate/gate.ts";
import { MAX_CLAIMED } from "../limits.ts";

/** The part of a worker that sends merged changes to their destination. */
export type Claimer = {
  /** Requests that were granted and not sent: they go back with the next order. */
  unused(): number;
  /** Null: nothing can be sent now. */
  order(): ClaimOrder | null;
  /** Called once for each order that was not null, with the order. An error: nobody knows which records were claimed, until the leases end. */
  take(claimed: Claimed | Error, order: ClaimOrder): void;
};

/** A process' wish for claims, and the destination's limits. */
export type ClaimOrder = RequestTerms & {
  /** Requests that may start in this process now. */
  readonly requests: number;
  /** Records that one request can carry. */
  readonly batch: number;
  /** Requests that the last claim granted and that were not sent. */
  readonly unused: number;
  readonly leaseMs: number;
  /** Jobs that the destination may work on at a time, for the whole fleet. */
  readonly jobs: number;
  /** How long records may be gathered for a fuller request where requests are scarce. */
  readonly gatherMs: number;
  /** Whether to remember which values were confirmed, so that the same ones need not be written again. */
  readonly remember: boolean;
  /** The worker's session: its flights are taken over when it dies. */
  readonly session: string;
  /** Requests that were granted before, where the destination has several lanes; then the claim takes none of its own. */
  readonly granted?: Granted;
};

/** `records`: those that the requests may carry. `released`: when the last hold ended. `blamed`: the record that a probe passes over. Empty: none. */
export type Granted = { readonly records: number; readonly released: string; readonly blamed: string };

export type Claimed =
  /** The destination is held. `forMs` null: until an operator resumes it. */
  | { readonly kind: "held"; readonly forMs: number | null; readonly reason: string }
  /** Nothing is due, or no request may start: the worker asks again after `forMs`. */
  | { readonly kind: "wait"; readonly forMs: number }
  /**
   * `passes`: in a recovery, one for each request, whose end is reported to the gate. `left`: records that are due still. `further`: records
   * that these requests can carry beside the claimed ones; a script takes no more than keeps Redis busy for a moment.
   */
  | {
      readonly kind: "claimed";
      readonly claims: readonly Claim[];
      readonly requests: number;
      readonly passes: readonly string[];
      readonly left: number;
      readonly further: number;
    };

export type ClaimAnswer = [Buffer, ...unknown[]];

/** The highest tokens known of a lane. `own`: of those that this worker was given; `heard`: of those of all workers. */
export type KnownTokens = { readonly own: number; readonly heard: number };

/** The lane holds less than is known of it: its state went back. Nothing was claimed. */
export type Behind = { readonly kind: "behind" } & KnownTokens;

/** `further`: records that are taken with requests that were granted before, in place of new ones. */
export function orderArguments(
  order: ClaimOrder,
  { own, heard }: KnownTokens,
  further = order.granted?.records ?? 0,
): readonly (string | number)[] {
  const {
    leaseMs,
    requestsPerMinute,
    requests,
    batch,
    unused,
    credentials,
    passMs,
    gatherMs,
    remember,
    jobs,
    session,
    granted,
  } = order;
  const limits = [requestsPerMinute, requests, batch, MAX_CLAIMED, unused];
  const told = granted === undefined ? [] : [granted.released, granted.blamed];
  return [
    leaseMs,
    ...limits,
    credentials,
    passMs,
    gatherMs,
    remember ? 1 : 0,
    jobs,
    session,
    own,
    heard,
    further,
    ...told,
  ];
}

export function readClaimed([word, ...rest]: ClaimAnswer, circumstances: ClaimCircumstances): Claimed | Behind {
  switch (word.toString()) {
    case "held":
      return { kind: "held", forMs: String(rest[0]) === "" ? null : Number(rest[0]), reason: String(rest[1]) };
    case "behind":
      return { kind: "behind", own: Number(rest[0]), heard: Number(rest[1]) };
    case "wait":
      return { kind: "wait", forMs: Number(rest[0]) };
    default: {
      const [granted, passes, left, further, ...rows] = rest as [number, Buffer[], number, number, ...ClaimRow[]];
      return {
        kind: "claimed",
        claims: rows.map((row) => readClaim(row, circumstances)),
        requests: granted,
        passes: passes.map(String),
        left,
        further,
      };
    }
  }
}
