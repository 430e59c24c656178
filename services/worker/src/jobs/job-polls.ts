import type { Lane } from "@sluice/queue";
import type { Verdict } from "@sluice/record";
import type { Exchange } from "@sluice/destination";
import type { ClaimedWrite } from "../writes/write.ts";
import type { Requests } from "../requests/request.ts";

/** Requests that ask how far a job is, while its records are kept. */
export type JobPolls = {
  /** Keeps the leases. @throws where another worker has all of the records */
  keep(writes: readonly ClaimedWrite[]): Promise<void>;
  /** One request, as soon as one may start. @returns null: not within a third of the lease, or not before the stop */
  ask<T extends { readonly exchange: Exchange }>(
    writes: readonly ClaimedWrite[],
    send: () => Promise<T>,
  ): Promise<T | null>;
};

export type JobPollOptions = {
  readonly lane: Lane;
  readonly leaseMs: () => number;
  readonly requests: Requests;
  readonly judge: (write: ClaimedWrite, exchange: Exchange) => Verdict;
  readonly signal: AbortSignal;
};

export function createJobPolls({ lane, leaseMs, requests, judge, signal }: JobPollOptions): JobPolls {
  return {
    async keep(writes) {
      const claims = writes.map(({ claim }) => claim);
      const held = await lane.extend(claims, leaseMs());
      if (held.length === 0) throw new Error("the records of a running job were taken by another worker");
    },
    async ask(writes, send) {
      const granted = await requests.grant(performance.now() + leaseMs() / 3);
      if (granted === null || signal.aborted) return null;
      const about = { kind: "look", records: writes.length, pass: granted.pass } as const;
      return await requests.make(about, send, (exchange) => judge(writes[0]!, exchange));
    },
  };
}
