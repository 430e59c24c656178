/** A value at a time. */
export type Point = { readonly atMs: number; readonly value: number };

/** By how much the values grow in an hour: the line with the least squares through them. Of fewer than two points: 0. */
export function slopePerHour(points: readonly Point[]): number {
  if (points.length < 2) return 0;
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const atMs = mean((point) => point.atMs);
  const value = mean((point) => point.value);
  const spread = points.reduce((sum, point) => sum + (point.atMs - atMs) ** 2, 0);
  if (spread === 0) return 0;
  const together = points.reduce((sum, point) => sum + (point.atMs - atMs) * (point.value - value), 0);
  return (together / spread) * 3_600_000;
}

/** The bound of the bucket below which a share of a histogram's values lie, from its cumulative counts by upper bound. */
export function quantileOf(buckets: ReadonlyMap<number, number>, share: number): number {
  const sorted = [...buckets].toSorted(([a], [b]) => a - b);
  const all = sorted.at(-1)?.[1] ?? 0;
  return sorted.find(([, count]) => count >= all * share)?.[0] ?? NaN;
}
