/** A job that was added, as it was: it can be added again. */
export type AddedJob<Queue extends string = string> = {
  /** Which of the door's jobs it is, from 1. */
  readonly number: number;
  readonly queue: Queue;
  readonly value: unknown;
  readonly bytes: number;
  readonly webhooks: number;
  /** The highest arrival in it (µs). */
  readonly last: number;
};

/**
 * What a door acknowledged last, for when the state in Redis goes back. Bounded in time and bytes; the time passes with what is
 * acknowledged, so that an outage makes it no shorter.
 */
export type AcknowledgedJobs<Queue extends string> = {
  keep(job: AddedJob<Queue>): void;
  /** From this number on, in their order. */
  since(number: number): readonly AddedJob<Queue>[];
};

export function keepAcknowledged<Queue extends string>(
  { keepMs, maxBytes }: { readonly keepMs: number; readonly maxBytes: number },
  steadyMs: () => number,
): AcknowledgedJobs<Queue> {
  const kept: { readonly job: AddedJob<Queue>; readonly atMs: number }[] = [];
  let first = 0;
  let bytes = 0;
  return {
    keep(job) {
      const now = steadyMs();
      kept.push({ job, atMs: now });
      bytes += job.bytes;
      while (first < kept.length && (bytes > maxBytes || now - kept[first]!.atMs > keepMs)) {
        bytes -= kept[first]!.job.bytes;
        first += 1;
      }
      // Taken off in one go: moving all of them for each would cost more the more there are.
      if (first > kept.length / 2) {
        kept.splice(0, first);
        first = 0;
      }
    },
    since: (number) =>
      kept
        .slice(first)
        .map(({ job }) => job)
        .filter((job) => job.number >= number)
        .toSorted((a, b) => a.number - b.number),
  };
}
