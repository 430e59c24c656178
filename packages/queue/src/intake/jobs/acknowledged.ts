/** A job of a door as it was added, so that it can be added again. */
export type AddedJob<Queue extends string = string> = {
  /** The job's number among those of the door, from 1. */
  readonly number: number;
  readonly queue: Queue;
  readonly value: unknown;
  readonly bytes: number;
  readonly webhooks: number;
  /** The highest arrival in the job (µs). */
  readonly last: number;
};

/**
 * The jobs that a door acknowledged last, for when the state in Redis goes back. Bounded in time and bytes; the time passes only as
 * jobs are acknowledged, so that an outage makes it no shorter.
 */
export type AcknowledgedJobs<Queue extends string> = {
  keep(job: AddedJob<Queue>): void;
  /** Gives up the kept jobs from this number on, in their order. */
  takeSince(number: number): readonly AddedJob<Queue>[];
};

export function keepAcknowledged<Queue extends string>(
  { keepMs, maxBytes }: { readonly keepMs: number; readonly maxBytes: number },
  steadyMs: () => number,
): AcknowledgedJobs<Queue> {
  let kept: { readonly job: AddedJob<Queue>; readonly atMs: number }[] = [];
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
      // Old jobs are taken off in one go: moving all the others for each would cost more the more there are.
      if (first > kept.length / 2) {
        kept.splice(0, first);
        first = 0;
      }
    },
    takeSince(number) {
      const standing = kept.slice(first);
      kept = standing.filter(({ job }) => job.number < number);
      first = 0;
      bytes = kept.reduce((sum, { job }) => sum + job.bytes, 0);
      return standing
        .map(({ job }) => job)
        .filter((job) => job.number >= number)
        .toSorted((a, b) => a.number - b.number);
    },
  };
}
