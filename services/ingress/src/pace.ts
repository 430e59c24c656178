/**
 * Holds each source to its rate: a bucket of one second's requests, which fills evenly. Only verified requests
 * count, so that nobody but the sender can use up the sender's share.
 */
export type Pace = {
  /** Takes one request; otherwise says after how many seconds there is room again. */
  take(source: string, perSecond: number, nowMs: number): { readonly waitSeconds: number } | undefined;
};

export function createPace(): Pace {
  const buckets = new Map<string, { level: number; atMs: number }>();
  return {
    take(source, perSecond, nowMs) {
      const bucket = buckets.get(source) ?? { level: perSecond, atMs: nowMs };
      const filled = bucket.level + (Math.max(0, nowMs - bucket.atMs) / 1_000) * perSecond;
      const level = Math.min(perSecond, filled);
      const isRoom = level >= 1;
      buckets.set(source, { level: isRoom ? level - 1 : level, atMs: nowMs });
      return isRoom ? undefined : { waitSeconds: Math.max(1, Math.ceil((1 - level) / perSecond)) };
    },
  };
}
