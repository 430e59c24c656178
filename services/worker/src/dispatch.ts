import type { Claim, Claimed, ClaimOrder, Lane, RequestPermits } from "@sluice/queue";
import { LOOK_AGAIN_MS, PERMIT_LOOK_MS } from "./limits.ts";

/** Takes the due records of one destination as fast as its requests allow, and starts to write them. */
export type Dispatch = {
  /** Something may be due. Resolves when nothing is left that this process could take now. */
  wake(): Promise<void>;
  /** Takes nothing more; resolves when the writes that were started have ended. */
  close(): Promise<void>;
};

export type DispatchOptions = {
  readonly lane: Lane;
  /** Requests in flight in this process, at most. */
  readonly concurrency: number;
  /** The whole fleet's permits for requests in flight; null: it has no bound. */
  readonly permits: RequestPermits | null;
  /** Asked at each claim: the credentials may be others by then. */
  readonly order: () => Omit<ClaimOrder, "requests" | "batch" | "unused">;
  /** Records that one request can carry now. */
  readonly batch: () => number;
  /** Starts to write the claims. Each promise is one request, and resolves when it is over. */
  readonly start: (claims: readonly Claim[], grant: Grant) => readonly Promise<void>[];
  /** Told how many requests are in flight, whenever that changes. */
  readonly onPlaces: (taken: number) => void;
  readonly onError: (error: Error) => void;
};

/** Requests that may start now. `passes`: in a recovery one for each, to be reported. */
export type Grant = { readonly requests: number; readonly passes: readonly string[] };

export function createDispatch(options: DispatchOptions): Dispatch {
  const { lane, concurrency, permits, order, batch, start, onPlaces, onError } = options;
  const running = new Set<Promise<void>>();
  let unused = 0;
  let woken = false;
  let stopped = false;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  /** Requests that a merge may be claiming for now: no more than there are places. */
  let offered = 0;

  const free = (): number => (stopped ? 0 : concurrency - running.size - offered);
  /** Requests that were granted and not sent go back with one order alone. */
  const orderFor = (requests: number): ClaimOrder => {
    const back = unused;
    unused = 0;
    return { ...order(), requests, batch: batch(), unused: back };
  };

  // An idle worker claims what it merges in the same script: a claim of its own would wait for another write.
  lane.claimWith({
    unused: () => unused,
    order() {
      // A merge can't wait for permits: where there is a bound, a look follows it.
      const requests = looking === null && permits === null ? free() : 0;
      if (requests <= 0) return null;
      offered += requests;
      return orderFor(requests);
    },
    take(claimed, asked) {
      offered -= asked.requests;
      // A look meanwhile found no free place and set no time to look again.
      const pauseMs = claimed instanceof Error ? LOOK_AGAIN_MS : begin(claimed, asked);
      if (pauseMs === 0) void wake();
      else wakeIn(pauseMs);
    },
  });

  const wake = async (): Promise<void> => {
    woken = true;
    // The look begins one turn later, so that `looking` is set before it can have ended.
    looking ??= Promise.resolve().then(look);
    await looking;
  };

  async function look(): Promise<void> {
    while (woken) {
      woken = false;
      // Without a free place there is nothing to ask for: a request that ends wakes us.
      if (free() <= 0) break;
      const pauseMs = await take().catch((error: unknown) => {
        onError(error instanceof Error ? error : new Error(String(error)));
        return LOOK_AGAIN_MS;
      });
      if (pauseMs === 0) woken = true;
      else wakeIn(pauseMs);
    }
    looking = null;
  }

  /** @returns in how many milliseconds to look again. */
  async function take(): Promise<number> {
    if (permits === null) {
      const asked = orderFor(free());
      return begin(await lane.claim(asked), asked);
    }
    const held = [...(await permits.take(free()))];
    try {
      if (held.length === 0) return PERMIT_LOOK_MS;
      const asked = orderFor(held.length);
      return begin(await lane.claim(asked), asked, held);
    } finally {
      // Permits with which no request began.
      permits.giveBack(held);
    }
  }

  /** Starts to write the claimed records. @returns in how many milliseconds to look again. */
  function begin(claimed: Claimed, asked: ClaimOrder, held: string[] = []): number {
    if (claimed.kind === "held") {
      unused += asked.unused;
      return claimed.forMs ?? LOOK_AGAIN_MS;
    }
    if (claimed.kind === "wait") return Math.max(1, claimed.forMs);
    const requests = start(claimed.claims, claimed);
    unused += claimed.requests - requests.length;
    for (const request of requests) {
      running.add(request);
      const permit = held.splice(0, 1);
      void request.finally(() => {
        running.delete(request);
        permits?.giveBack(permit);
        onPlaces(running.size);
        void wake();
      });
    }
    onPlaces(running.size);
    // Where nothing else is due, asking again would only stand in the way of these requests.
    return claimed.left > 0 ? 0 : LOOK_AGAIN_MS;
  }

  /** A wake-up may have been lost, and a hold may end early: no pause is longer than a second. */
  function wakeIn(pauseMs: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void wake(), Math.min(pauseMs, LOOK_AGAIN_MS));
  }

  return {
    wake,
    async close() {
      stopped = true;
      clearTimeout(timer);
      await looking;
      await Promise.allSettled(running);
      await permits?.close().catch(onError);
    },
  };
}
