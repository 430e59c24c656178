import type { ServerState } from "@sluice/queue";
import type { Configuration } from "@sluice/runtime";
import type { Now } from "../contract/now.ts";
import { LIMITS } from "../limits.ts";
import { timeOf } from "../live-state.ts";
import { summarizeDestination, rounded } from "./destination-now.ts";
import { headlineOf } from "./headline.ts";
import { perSecond, total, type FleetSnapshot } from "./fleet-watch.ts";

/** The facts that `now` is made from. */
export type NowFacts = {
  /** The looks of the last minute; the newest is told, and there is one. */
  readonly lately: readonly FleetSnapshot[];
  readonly configuration: Configuration;
  readonly server: ServerState;
  readonly openIssues: number;
};

/** The fleet at the moment of the newest look. */
export function nowOf({ lately, configuration, server, openIssues }: NowFacts): Now {
  const { atMs, lanes, intake, workers } = lately.at(-1)!;
  const destinations = [...lanes].map(([name, lane]) => summarizeDestination(name, lane, lately, configuration));
  const sum = (of: (each: Now["destinations"][number]) => number): number =>
    destinations.reduce((all, each) => all + of(each), 0);
  const ages = destinations.flatMap(({ oldestPendingSeconds }) => oldestPendingSeconds ?? []);
  const now = {
    at: timeOf(atMs),
    intake: {
      waitingWebhooks: intake.waitingWebhooks,
      waitingBytes: intake.waitingBytes,
      oldestAt: timeOf(intake.oldestMs),
      oldestSeconds: intake.oldestMs === null ? null : Math.max(0, (atMs - intake.oldestMs) / 1000),
      failedJobs: intake.jobs.failed,
      understood: total(intake.understood),
      understoodPerSecond: rounded(perSecond(lately, LIMITS.rateOverMs, (look) => total(look.intake.understood))),
      made: total(intake.results.get("made")),
      duplicate: total(intake.results.get("duplicate")),
      ignored: total(intake.results.get("ignored")),
      dead: total(intake.results.get("dead")),
      deadLetters: intake.deadLetters,
    },
    redis: { usedBytes: server.facts.usedBytes, budgetBytes: server.budgetBytes, isPressed: server.pressed },
    workers,
    openIssues,
    totals: {
      accepted: sum(({ accepted }) => accepted),
      applied: sum(({ outcomes }) => outcomes.applied),
      pendingRecords: sum(({ pendingRecords }) => pendingRecords),
      deadLetters: sum(({ deadLetters }) => deadLetters) + intake.deadLetters,
      oldestPendingSeconds: ages.length === 0 ? null : Math.max(...ages),
      acceptedPerSecond: rounded(sum(({ acceptedPerSecond }) => acceptedPerSecond)),
      endedPerSecond: rounded(sum(({ endedPerSecond }) => endedPerSecond)),
    },
    destinations,
  };
  return { ...now, headline: headlineOf(now) };
}

/** Members that go on by themselves: a fleet in which only they differ has not changed. */
const PASSING = new Set(["at", "oldestSeconds", "oldestPendingSeconds", "seconds", "usedBytes"]);

/** A text that is equal for two moments between which nothing has changed. */
export function nowFingerprint(now: Now): string {
  return JSON.stringify(now, (name, value: unknown) => (PASSING.has(name) ? undefined : value));
}
