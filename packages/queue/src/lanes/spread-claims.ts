import type { Redis } from "ioredis";
import type { Claimed, Claimer, ClaimOrder } from "../claims/claim-order.ts";
import { run } from "../connection/connection.ts";
import { BEHIND_LOOK_AGAIN_MS, GRANTED_FOR_MS, MAX_CLAIMED } from "../limits.ts";
import type { StateCheck } from "../state/state-check.ts";
import { placeOf } from "./tags.ts";

/** Claims of a destination with several lanes. */
export type SpreadClaims = {
  /**
   * Asks the lanes what is due, then the destination for requests, then claims with them. Where it ends in between, its requests are lost
   * and nothing else: the quota's come back with time, a recovery's by the end of their passes.
   */
  claim(order: ClaimOrder): Promise<Claimed>;
  /** The claimer for merges: each claims with requests that were granted before and not sent, while there are any and they are young. */
  atMerges(claimer: Claimer): Claimer;
};

/** `waitedMs`: for how long the first of the lane's due records has been due; below 0: in how long the next one falls due. */
export type Due = { readonly records: number; readonly waitedMs: number };

export type SpreadClaimsOptions = {
  readonly redis: Redis;
  /** The lanes' tags, the destination's own first. */
  readonly tags: readonly string[];
  readonly claimAt: (place: number, order: ClaimOrder) => Promise<Claimed>;
  readonly stateCheck: Pick<StateCheck, "isDone">;
  readonly onError: (error: Error) => void;
};

type Answer =
  | readonly ["held", left: string | number, reason: string]
  | readonly ["wait", forMs: number]
  | readonly [
      "granted",
      requests: number,
      passes: readonly string[],
      records: number,
      recovers: string,
      released: string,
      blamed: string,
    ];

export function createSpreadClaims({ redis, tags, claimAt, stateCheck, onError }: SpreadClaimsOptions): SpreadClaims {
  const home = tags[0]!;
  /** Until when requests that were granted and not sent are young enough. In a recovery each needs a pass: none is then. */
  let youngUntil = 0;
  let released = "";
  /** Merges under way with such requests. They may come back older than those of a grant meanwhile. */
  let merging = 0;

  async function lookAt(tag: string): Promise<Due> {
    const [records, waitedMs] = (await run(redis, "sluice_due", tag, [])) as [number, number];
    return { records, waitedMs };
  }

  async function claimSome(place: number, records: number, order: ClaimOrder, blamed: string): Promise<Claimed | null> {
    const granted = { records, released, blamed };
    return await claimAt(place, { ...order, unused: 0, granted }).catch((error: unknown) => {
      // Records that the other lanes gave are written; the leases of those that may have been claimed here end.
      onError(error instanceof Error ? error : new Error(String(error)));
      return null;
    });
  }

  return {
    async claim(order) {
      if (!stateCheck.isDone) return { kind: "wait", forMs: BEHIND_LOOK_AGAIN_MS };
      const dues = await Promise.all(tags.map(lookAt));
      const ready = dues.reduce((sum, { records }) => sum + records, 0);
      const waitedMs = Math.max(...dues.map((each) => each.waitedMs));
      if (ready === 0 && order.unused === 0) return { kind: "wait", forMs: -waitedMs };
      const { requestsPerMinute, requests, batch, unused, credentials, passMs, gatherMs, jobs } = order;
      const limits = [requestsPerMinute, requests, batch, unused, credentials, passMs, gatherMs, jobs];
      const grantedAt = performance.now();
      const answer = (await run(redis, "sluice_grant", home, [...limits, ready, waitedMs])) as Answer;
      if (answer[0] !== "granted") youngUntil = 0;
      if (answer[0] === "held") {
        return { kind: "held", forMs: answer[1] === "" ? null : Number(answer[1]), reason: answer[2] };
      }
      if (answer[0] === "wait") return { kind: "wait", forMs: ready === 0 ? -waitedMs : answer[1] };
      const [, granted, passes, records, recovers, endedAt, blamed] = answer;
      released = endedAt;
      if (recovers !== "") youngUntil = 0;
      else if (merging === 0) youngUntil = grantedAt + GRANTED_FOR_MS;
      const portions = portionsOf(dues, records, blamed === "" ? null : placeOf(blamed, tags.length));
      const taken = await Promise.all(
        portions.map(async (some, place) => (some === 0 ? null : await claimSome(place, some, order, blamed))),
      );
      const claims = taken.flatMap((each) => (each?.kind === "claimed" ? each.claims : []));
      const left = taken.reduce((sum, each, place) => {
        if (portions[place] === 0) return sum + dues[place]!.records;
        return sum + (each?.kind === "claimed" ? each.left : 0);
      }, 0);
      return { kind: "claimed", claims, requests: granted, passes, left, further: 0 };
    },

    atMerges(claimer) {
      const asked = new Map<ClaimOrder, ClaimOrder>();
      return {
        unused: () => claimer.unused(),
        order() {
          if (claimer.unused() === 0 || performance.now() > youngUntil) return null;
          const order = claimer.order();
          if (order === null) return null;
          const granted = { records: Math.min(order.unused, order.requests), released, blamed: "" };
          const spread = { ...order, unused: 0, granted };
          asked.set(spread, order);
          merging += 1;
          return spread;
        },
        take(claimed, spread) {
          const order = asked.get(spread)!;
          asked.delete(spread);
          merging -= 1;
          if (claimed instanceof Error) return claimer.take(claimed, order);
          const { claims, left } = claimed.kind === "claimed" ? claimed : { claims: [], left: 0 };
          // Requests that are not sent now are the claimer's again.
          claimer.take({ kind: "claimed", claims, requests: order.unused, passes: [], left, further: 0 }, order);
        },
      };
    },
  };
}

/**
 * How many records each lane is asked for: alike, and where they are few, from those whose records have been due for longest.
 * @param avoid the place of a record that is passed over where another one is due
 */
export function portionsOf(dues: readonly Due[], records: number, avoid: number | null): readonly number[] {
  const portions = dues.map(() => 0);
  const roomAt = (place: number): number => Math.min(dues[place]!.records, MAX_CLAIMED) - portions[place]!;
  const isLast = (place: number): boolean => place === avoid && dues[place]!.records === 1;
  let open = [...dues.keys()]
    .filter((place) => roomAt(place) > 0)
    .toSorted((a, b) => Number(isLast(a)) - Number(isLast(b)) || dues[b]!.waitedMs - dues[a]!.waitedMs);
  for (let left = records; left > 0 && open.length > 0; open = open.filter((place) => roomAt(place) > 0)) {
    const each = Math.max(1, Math.floor(left / open.length));
    for (const place of open) {
      const some = Math.min(each, left, roomAt(place));
      portions[place]! += some;
      left -= some;
    }
  }
  return portions;
}
