import type { Claim, ClaimOrder, Lane } from "@sluice/queue";
import { LOOK_AGAIN_MS } from "./limits.ts";

/** Takes what is due of one destination as fast as its requests allow, and starts to write it. */
export type Dispatch = {
  /** Something may be due. Resolves when nothing is left that this process could take now. */
  wake(): Promise<void>;
  /** Takes nothing more; resolves when what was started has ended. */
  close(): Promise<void>;
};

export type DispatchOptions = {
  readonly lane: Lane;
  /** Requests in flight in this process, at most. */
  readonly concurrency: number;
  /** Asked at each claim: the credentials may be others by then. */
  readonly order: () => Omit<ClaimOrder, "requests" | "batch" | "unused">;
  /** Records that one request can carry now. */
  readonly batch: () => number;
  /** Starts to write the claims. Each promise is one request, and resolves when that is over. */
  readonly start: (claims: readonly Claim[], grant: Grant) => readonly Promise<void>[];
  readonly onError: (error: Error) => void;
};

/** Requests that may start now. `passes`: in a recovery one for each, to be reported. */
export type Grant = { readonly requests: number; readonly passes: readonly string[] };

export function createDispatch({ lane, concurrency, order, batch, start, onError }: DispatchOptions): Dispatch {
  const running = new Set<Promise<void>>();
  let unused = 0;
  let woken = false;
  let stopped = false;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  const wake = async (): Promise<void> => {
    woken = true;
    // One turn later, so that it is known as looking before it can have ended.
    looking ??= Promise.resolve().then(look);
    await looking;
  };

  async function look(): Promise<void> {
    while (woken) {
      woken = false;
      // Without a free place there is nothing to ask for: a request that ends wakes us.
      if (stopped || running.size >= concurrency) break;
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
    const claimed = await lane.claim({ ...order(), requests: concurrency - running.size, batch: batch(), unused });
    if (claimed.kind === "held") return claimed.forMs ?? LOOK_AGAIN_MS;
    unused = 0;
    if (claimed.kind === "wait") return Math.max(1, claimed.forMs);
    const requests = start(claimed.claims, claimed);
    unused = claimed.requests - requests.length;
    for (const request of requests) {
      running.add(request);
      void request.finally(() => {
        running.delete(request);
        void wake();
      });
    }
    // Where nothing else is due, asking again would only stand in the way of these requests.
    return claimed.left > 0 ? 0 : LOOK_AGAIN_MS;
  }

  /** A doorbell may have been lost, and a hold may end early: no pause is longer than a second. */
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
    },
  };
}
