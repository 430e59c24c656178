import { EMPTY, flow, type Plant, type State, type Step } from "./flow.ts";
import type { Weather } from "./weather.ts";

export type Totals = {
  readonly arrived: number;
  readonly ended: number;
  readonly writes: number;
  readonly calls: number;
  /** Answers of 503. */
  readonly refused: number;
  readonly outages: number;
  readonly outageHours: number;
  readonly mostPending: number;
  readonly mostWaiting: number;
  readonly mostBytes: number;
  readonly mostCallsPerMinute: number;
  /** From the end of an outage until no more is pending than was at its beginning, or a minute's calls carry (s): the longest. */
  readonly longestCatchUpS: number;
  /** Hours in which more was pending than a minute's calls carry, and no outage was on. */
  readonly behindHours: number;
  readonly end: State;
};

export const STEP_S = 10;

/** Lets a lane run for so many days. `onStep` is shown every step, for whoever checks them. */
export function simulate(
  plant: Plant,
  { rate, outages }: Weather,
  days: number,
  onStep: (step: Step, arriving: number, isHeld: boolean) => void = () => {},
): Totals {
  let state = EMPTY;
  let at = 0;
  let catching: { readonly sinceS: number; readonly until: number } | null = null;
  let before: number | null = null;
  const totals = { arrived: 0, ended: 0, writes: 0, calls: 0, refused: 0, outageHours: 0, mostPending: 0 };
  let mostWaiting = 0;
  let mostBytes = 0;
  let mostCallsPerMinute = 0;
  let longestCatchUpS = 0;
  let behindHours = 0;
  const aMinute = plant.callsPerMinute * plant.batch;
  for (let nowS = 0; nowS < days * 86_400; nowS += STEP_S) {
    while (at < outages.length && outages[at]!.untilS <= nowS) at += 1;
    const isHeld = at < outages.length && outages[at]!.fromS <= nowS;
    if (isHeld) before ??= state.pendingRecords;
    const arriving = rate(nowS) * STEP_S;
    const step = flow(state, plant, STEP_S, arriving, isHeld);
    onStep(step, arriving, isHeld);
    ({ state } = step);
    totals.arrived += arriving;
    totals.ended += step.ended;
    totals.writes += step.writes;
    totals.calls += step.calls;
    totals.refused += step.refused;
    totals.outageHours += isHeld ? STEP_S / 3600 : 0;
    totals.mostPending = Math.max(totals.mostPending, state.pendingRecords);
    mostWaiting = Math.max(mostWaiting, state.waiting);
    mostBytes = Math.max(mostBytes, step.redisBytes);
    mostCallsPerMinute = Math.max(mostCallsPerMinute, (step.calls * 60) / STEP_S);
    if (!isHeld && state.pendingRecords > aMinute) behindHours += STEP_S / 3600;
    if (!isHeld && before !== null) {
      catching ??= { sinceS: nowS, until: Math.max(before, aMinute) };
      before = null;
    }
    if (isHeld || catching === null) continue;
    longestCatchUpS = Math.max(longestCatchUpS, nowS + STEP_S - catching.sinceS);
    if (state.pendingRecords <= catching.until) catching = null;
  }
  return {
    ...totals,
    outages: outages.length,
    mostWaiting,
    mostBytes,
    mostCallsPerMinute,
    longestCatchUpS,
    behindHours,
    end: state,
  };
}
