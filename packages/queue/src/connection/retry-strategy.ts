/** The pause before a lost connection is tried again (ms): it doubles up to two seconds. @param times of trying, from 1 */
export function retryStrategy(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 6), 2000);
}
