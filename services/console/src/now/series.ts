import type { Series } from "../contract/now.ts";
import { LIMITS } from "../limits.ts";
import { rounded } from "./destination-now.ts";
import { endedOf, total, type FleetSnapshot } from "./fleet-watch.ts";

/** The last hour, in points of two seconds. */
export type SeriesKeeper = {
  add(look: FleetSnapshot): void;
  /** @param destination undefined: the series of all destinations together */
  series(minutes: number, destination: string | undefined, nowMs: number): Series;
};

type Point = {
  readonly atMs: number;
  readonly waiting: number;
  /** By lane. */
  readonly lanes: ReadonlyMap<string, LanePoint>;
};
type LanePoint = { readonly accepted: number; readonly ended: number; readonly pending: number };

export function keepSeries(): SeriesKeeper {
  let points: Point[] = [];
  return {
    add({ atMs, intake, lanes }) {
      const last = points.at(-1);
      // A look that is early by half its period is on time: timers don't ring to the millisecond.
      if (last !== undefined && Math.abs(atMs - last.atMs) < LIMITS.pointEveryMs - LIMITS.lookEveryMs / 2) return;
      points = points.filter((point) => Math.abs(atMs - point.atMs) <= LIMITS.seriesMs);
      points.push({
        atMs,
        waiting: intake.waitingWebhooks,
        lanes: new Map(
          [...lanes].map(([name, lane]) => [
            name,
            { accepted: total(lane.accepted), ended: endedOf(lane), pending: lane.pendingRecords },
          ]),
        ),
      });
    },
    series(minutes, destination, nowMs) {
      const chosen = points.filter(({ atMs }) => atMs >= nowMs - minutes * 60_000);
      const sumOf = ({ lanes }: Point, of: (lane: LanePoint) => number): number =>
        [...lanes].reduce(
          (sum, [name, lane]) => (destination === undefined || name === destination ? sum + of(lane) : sum),
          0,
        );
      const rates = (of: (lane: LanePoint) => number): (number | null)[] =>
        chosen.map((point, at) => {
          const before = chosen[at - 1];
          if (before === undefined) return null;
          return rounded(Math.max(0, (sumOf(point, of) - sumOf(before, of)) / ((point.atMs - before.atMs) / 1000)));
        });
      return {
        at: chosen.map(({ atMs }) => atMs / 1000),
        acceptedPerSecond: rates(({ accepted }) => accepted),
        endedPerSecond: rates(({ ended }) => ended),
        waitingWebhooks: chosen.map(({ waiting }) => waiting),
        pendingRecords: chosen.map((point) => sumOf(point, ({ pending }) => pending)),
      };
    },
  };
}
