import { accountsOf, intakeBooks, RESULTS } from "@sluice/queue";
import { allLanes } from "@sluice/operator";
import type { EventStreams } from "../api/event-streams.ts";
import { route, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { Now } from "../contract/now.ts";
import { assertKnown } from "../destinations/known-destination.ts";
import { LIMITS } from "../limits.ts";
import type { IssueDesk } from "../issues/issue-desk.ts";
import type { LiveState } from "../live-state.ts";
import type { FleetTasks } from "../tasks/fleet-tasks.ts";
import type { FleetSnapshot, FleetWatch } from "./fleet-watch.ts";
import { nowFingerprint, nowOf } from "./now.ts";
import type { SeriesKeeper } from "./series.ts";

export type NowOptions = LiveState & {
  readonly watch: FleetWatch;
  readonly series: SeriesKeeper;
  readonly streams: EventStreams;
  readonly fleetTasks: FleetTasks;
  readonly issues: Pick<IssueDesk, "open">;
};

export function nowRoutes(options: NowOptions): readonly Route[] {
  const { queue, configuration, watch, series, streams, issues, clock } = options;
  let known: { readonly look: FleetSnapshot; readonly now: Now } | null = null;
  /** Everybody who asks between two looks is told the same. */
  const told = async (): Promise<Now> => {
    const look = await watch.latest();
    if (known?.look !== look) {
      const facts = { lately: watch.lately, configuration: configuration(), server: queue.server };
      known = { look, now: nowOf({ ...facts, openIssues: issues.open }) };
    }
    return known.now;
  };
  return [
    route(OPERATIONS.getNow, told),
    route(OPERATIONS.streamNow, async ({ response }) => {
      const first = await told();
      const stream = streams.open(response);
      let last = { print: "", atMs: -Infinity, letters: first.totals.deadLetters };
      const tell = (now: Now): void => {
        const print = nowFingerprint(now);
        const letters = now.totals.deadLetters;
        if (letters !== last.letters) stream.send("letters", { count: letters });
        const atMs = clock.nowMs();
        const isDue = print !== last.print || Math.abs(atMs - last.atMs) >= LIMITS.streamCommentMs;
        if (isDue && stream.send("now", now)) last = { print, atMs, letters };
        else last = { ...last, letters };
      };
      tell(first);
      const listening = watch.onSnapshot(() => void told().then(tell, () => {}));
      const tasks = options.fleetTasks.onChange((task) => void stream.send("task", task));
      stream.onEnd(() => {
        listening.close();
        tasks.close();
      });
    }),
    route(OPERATIONS.getSeries, async ({ query: { minutes, destination } }) => {
      if (destination !== undefined) assertKnown(configuration(), destination);
      return series.series(minutes, destination, clock.nowMs());
    }),
    route(OPERATIONS.getBooks, async () => {
      const fleet = { configuration: configuration(), queue };
      const intake = intakeBooks(await queue.intake.numbers());
      const lanes = await Promise.all(
        (await allLanes(fleet)).map(async (destination) =>
          accountsOf(await queue.lanes.at(destination).numbers()).map(
            ({ source, accepted, outcomes, pending, missing }) => ({
              destination,
              source,
              accepted,
              ...outcomes,
              pending,
              missing,
            }),
          ),
        ),
      );
      const accounts = lanes.flat();
      return {
        isBalanced: intake.balanced && accounts.every(({ missing }) => missing === 0),
        jobs: intake.jobs,
        events: intake.events.map(({ source, understood, results, missing }) => ({
          source,
          understood,
          ...(Object.fromEntries(RESULTS.map((result) => [result, results[result]])) as typeof results),
          missing,
        })),
        accounts,
      };
    }),
  ];
}
