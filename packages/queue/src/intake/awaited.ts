import { AWAITED_FOR_MS } from "../limits.ts";

/** Sources whose webhooks a worker leaves to others, since they came in with another configuration than its own. */
export type Awaited = {
  /** Notes that a webhook of the source was put back. @param arrivedMs when the webhook came in */
  putBack(source: string, arrivedMs: number): void;
  /** The awaited sources, and when the oldest of their webhooks that were put back lately came in (ms). */
  sources(): ReadonlyMap<string, number>;
};

/** @param steadyMs a clock that only goes forward */
export function createAwaited(steadyMs: () => number, onAwaited: (source: string) => void = () => {}): Awaited {
  /** `nextMs`: the oldest webhook since `turnedMs`, so that a webhook which found its worker is forgotten in time. */
  const awaited = new Map<string, { lastMs: number; sinceMs: number; nextMs: number; turnedMs: number }>();
  const forget = (): void => {
    for (const [source, { lastMs }] of awaited) {
      if (steadyMs() - lastMs > AWAITED_FOR_MS) awaited.delete(source);
    }
  };
  return {
    putBack(source, arrivedMs) {
      forget();
      const now = steadyMs();
      const known = awaited.get(source);
      if (known === undefined) {
        awaited.set(source, { lastMs: now, sinceMs: arrivedMs, nextMs: arrivedMs, turnedMs: now });
        return onAwaited(source);
      }
      if (now - known.turnedMs > AWAITED_FOR_MS) {
        Object.assign(known, { sinceMs: known.nextMs, nextMs: Infinity, turnedMs: now });
      }
      known.lastMs = now;
      known.sinceMs = Math.min(known.sinceMs, arrivedMs);
      known.nextMs = Math.min(known.nextMs, arrivedMs);
    },
    sources() {
      forget();
      return new Map([...awaited].map(([source, { sinceMs }]) => [source, sinceMs] as const));
    },
  };
}
