import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { run } from "../connection/connection.ts";
import { PERMITS_KEPT_EACH } from "../limits.ts";

/** Permits of the whole fleet for requests in flight at a destination. A worker that dies leaves its own, which end after a while. */
export type RequestPermits = {
  /** Takes so many at most. @returns the names of those that were free, with which they are given back. @throws when Redis does not answer */
  take(most: number): Promise<readonly string[]>;
  /** Nobody waits for it: with the next ones that are taken in this turn of the event loop, or by itself. */
  giveBack(names: readonly string[]): void;
  /** Keeps those that are out. It is done by itself, three times within the time after which they end. */
  keep(): Promise<void>;
  /** Gives back all that are still out. */
  close(): Promise<void>;
};

export type RequestPermitsOptions = {
  readonly permits: number;
  /** A permit that isn't kept for so long ends: longer than a request can take. */
  readonly keepMs: number;
  readonly onError: (error: Error) => void;
};

export function createRequestPermits(
  redis: Redis,
  tag: string,
  { permits, keepMs, onError }: RequestPermitsOptions,
): RequestPermits {
  const session = randomUUID();
  const held = new Set<string>();
  let over: string[] = [];
  let last = 0;
  let isFlushing = false;
  let keeping: NodeJS.Timeout | undefined;

  async function ask(kept: readonly string[], wanted: readonly string[]): Promise<number> {
    const back = over;
    over = [];
    try {
      const args = [permits, keepMs, back.length, ...back, kept.length, ...kept, ...wanted];
      return Number(await run(redis, "sluice_requests", tag, args));
    } catch (error) {
      over = [...back, ...over];
      throw error;
    }
  }
  async function keep(): Promise<void> {
    if (held.size > 0 || over.length > 0) return void (await ask([...held], []));
    clearInterval(keeping);
    keeping = undefined;
  }
  const onFault = (error: unknown): void => onError(error instanceof Error ? error : new Error(String(error)));

  function flush(): void {
    isFlushing = false;
    if (over.length > 0) ask([], []).catch(onFault);
  }

  return {
    async take(most) {
      const wanted = Array.from({ length: most }, () => `${session}:${(last += 1)}`);
      const taken = wanted.slice(0, await ask([], wanted));
      for (const name of taken) held.add(name);
      if (taken.length > 0 && keeping === undefined) {
        keeping = setInterval(() => void keep().catch(onFault), keepMs / PERMITS_KEPT_EACH);
        keeping.unref();
      }
      return taken;
    },
    giveBack(names) {
      for (const name of names) if (held.delete(name)) over.push(name);
      if (isFlushing || over.length === 0) return;
      isFlushing = true;
      setImmediate(flush);
    },
    keep,
    async close() {
      clearInterval(keeping);
      over.push(...held);
      held.clear();
      if (over.length > 0) await ask([], []);
    },
  };
}
