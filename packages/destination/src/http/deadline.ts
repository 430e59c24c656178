/**
 * Does work that has to end within `timeoutMs`, and at once when `signal` is aborted. The work gets a signal for the calls that it
 * starts; work that goes on beyond the end is not waited for.
 *
 * Each call has a timer of its own, taken back when the call ends: AbortSignal.timeout keeps its timers until they are
 * over, 20 s of calls at a time, and AbortSignal.any a trace on the long-lived signal.
 * @throws the error of `late` when the time is over, or the reason of `signal`
 */
export async function withDeadline<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  late: () => Error,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  return await new Promise<T>((resolve, reject) => {
    const end = (reason: unknown): void => {
      // The reason is told first: the work's own error, once it is stopped, comes too late to matter.
      reject(reason);
      stop.abort(reason);
    };
    const timer = setTimeout(() => end(late()), timeoutMs);
    const onAbort = (): void => end(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    work(stop.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      });
  });
}
