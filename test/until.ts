export type UntilOptions = {
  readonly deadlineMs?: number;
  /** More to tell where it never was so, such as the output of what was waited for. */
  readonly told?: () => string | Promise<string>;
};

/** Looks until what is seen is as wanted, and returns it. @throws at once what a look throws; after the deadline, what was seen last */
export async function until<T>(
  look: () => T | Promise<T>,
  isWanted: (seen: T) => boolean = Boolean,
  { deadlineMs = 120_000, told = () => "" }: UntilOptions = {},
): Promise<T> {
  const begin = performance.now();
  for (;;) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    if (performance.now() > begin + deadlineMs)
      throw new Error(`never so: ${look.toString()}: ${JSON.stringify(seen)}\n${await told()}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs(performance.now() - begin)));
  }
}

/** A look may cost as much as what is waited for: pauses grow with the wait, of which they are a tenth at most. */
export function pauseMs(waitedMs: number): number {
  return Math.min(Math.max(waitedMs / 10, 20), 250);
}
