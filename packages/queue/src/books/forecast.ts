import { FORECAST_WINDOW_MS } from "../limits.ts";

/** A destination's backlog at one moment. */
export type ForecastSample = {
  readonly atMs: number;
  /** Changes that have ended, since ever. */
  readonly ended: number;
  readonly pending: number;
};

/** The samples of the last minute and the newest. Samples that lie in the future, since the clock was set back, are dropped. */
export function rememberSample(samples: readonly ForecastSample[], sample: ForecastSample): readonly ForecastSample[] {
  return [...samples.filter(({ atMs }) => Math.abs(sample.atMs - atMs) <= FORECAST_WINDOW_MS), sample];
}

/**
 * In how many seconds the backlog is gone at the rate at which changes have ended, if nothing more came in. 0: there is
 * none; Infinity: nothing ends; null: not enough was seen to say.
 */
export function backlogSeconds(samples: readonly ForecastSample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (last.pending === 0) return 0;
  const seconds = (last.atMs - first.atMs) / 1000;
  if (seconds <= 0) return null;
  return last.pending / ((last.ended - first.ended) / seconds);
}
