/** The pauses between tries: the first one, and the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

export type RetryUntilOptions = {
  readonly untilMs: number;
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Called with the first fault. */
  readonly onFault: (error: unknown) => void;
};

/**
 * Tells Redis how a flight ended, again and again until `untilMs` (of `nowMs`, a steady clock). Telling twice does no harm: the script
 * knows the flight by its token.
 * @returns the answer, and whether an earlier try failed: that one may have been carried out all the same
 * @throws the last fault
 */
export async function retryUntil<T>(
  tell: () => Promise<T>,
  { untilMs, nowMs, pause, onFault }: RetryUntilOptions,
): Promise<{ readonly answer: T; readonly again: boolean }> {
  for (let pauseMs = FIRST_PAUSE_MS, again = false; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS), again = true) {
    try {
      return { answer: await tell(), again };
    } catch (error) {
      if (nowMs() + pauseMs > untilMs) throw error;
      if (!again) onFault(error);
      await pause(pauseMs);
    }
  }
}
