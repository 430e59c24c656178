import express from "express";
import { showFleet } from "@sluice/exporter";
import { chosenDeadLetters, type Fleet } from "@sluice/operator";
import { describeUnseen, openQueue, type DeadLetter, type Queue } from "@sluice/queue";
import {
  countConfigurationReads,
  createRegistry,
  isLoopback,
  laneNames,
  listen,
  operations,
  SluiceError,
  type ReadinessCheck,
  type Clock,
  type Configuration,
  type Log,
} from "@sluice/runtime";
import type { History } from "@sluice/history";
import { createEventStreams } from "./api/event-streams.ts";
import { auditRoutes } from "./audit/audit-routes.ts";
import { createConsoleApp } from "./app.ts";
import { destinationRoutes } from "./destinations/destination-routes.ts";
import { objectsOf } from "./destinations/objects.ts";
import { openIssueDesk } from "./issues/issue-desk.ts";
import { issueRoutes } from "./issues/issue-routes.ts";
import { indexDeadLetters } from "./dead-letters/dead-letter-index.ts";
import { openDeadLetterCatalog } from "./dead-letters/dead-letter-catalog.ts";
import { deadLetterRoutes } from "./dead-letters/dead-letter-routes.ts";
import { LIMITS } from "./limits.ts";
import { nowRoutes } from "./now/now-routes.ts";
import { keepSeries } from "./now/series.ts";
import { watchFleet } from "./now/fleet-watch.ts";
import { createFleetTasks } from "./tasks/fleet-tasks.ts";
import { taskRoutes } from "./tasks/task-routes.ts";
import { sourceRoutes } from "./sources/source-routes.ts";
import { pageRoutes } from "./page/page-routes.ts";
import { watchFields } from "./fields/watch-fields.ts";
import { historyRoutes } from "./history/history-routes.ts";
import { recordRoutes } from "./records/record-routes.ts";
import { openReplayDesk } from "./replays/replay-desk.ts";
import { replayRoutes } from "./replays/replay-routes.ts";
import { readMetrics } from "./reconciles/read-metrics.ts";
import { openReconcileDesk } from "./reconciles/reconcile-desk.ts";
import { reconcileRoutes } from "./reconciles/reconcile-routes.ts";
import { quotasNow } from "./now/quotas.ts";
import { trialRoutes } from "./trial/trial-routes.ts";
import type { Session } from "./contract/session.ts";

export type ConsoleOptions = {
  readonly configuration: Configuration;
  readonly redisUrl: string;
  readonly port: number;
  readonly host?: string | undefined;
  /** The token that may do everything; null: there is none, and the console may listen on loopback only. */
  readonly adminToken: string | null;
  /** SLUICE_READ_TOKEN: sees everything and changes nothing. */
  readonly readToken?: string | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly namespace?: string;
  /** SLUICE_METRICS_TOKEN. */
  readonly metricsToken?: string | undefined;
  /** The history of webhooks and writes; without it the past can't be told. */
  readonly history?: History | null;
};

export type RunningConsole = {
  readonly url: string;
  use(configuration: Configuration): void;
  /** Notes that a new configuration has a fault, so that this one stays. */
  keep(): void;
  close(deadlineMs?: number): Promise<void>;
};

/**
 * Starts the console role: the operators' API together with `/healthz`, `/readyz` and `/metrics`.
 * @throws SluiceError `console_unprotected` without a token, beyond loopback
 */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const { redisUrl, port, host = "127.0.0.1", adminToken, clock, log, version } = options;
  assertProtected(host, adminToken);
  let { configuration } = options;
  const queue = await openQueue({
    redisUrl,
    kind: "door",
    destinations: laneNames(configuration),
    dedupeWindowMs: configuration.dedupeWindowMs,
    orderingHorizonMs: configuration.orderingHorizonMs,
    ack: configuration.ack,
    memoryBudget: configuration.redisMemoryBudget,
    onRegress: (error) => log.error({ component: "state", err: error }, error.message),
    nowMs: () => clock.nowMs(),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    onError: (error) => log.warn({ component: "queue", err: error }, error.message),
  });
  const surroundings = (): Omit<Session, "role" | "name"> => ({
    version,
    hasHistory: (options.history ?? null) !== null,
    sources: [...configuration.sources.keys()],
    destinations: [...configuration.destinations.keys()].map((name) => ({
      name,
      objects: objectsOf(configuration, name),
    })),
  });
  const tokens = [
    ...(adminToken === null ? [] : [{ token: adminToken, role: "operate", name: null } as const]),
    ...(options.readToken === undefined ? [] : [{ token: options.readToken, role: "read", name: null } as const]),
  ];
  const registry = createRegistry();
  const destinations = laneNames(configuration);
  showFleet(registry, { queue, destinations, sources: () => configuration.sources.values(), clock, log });
  const reads = countConfigurationReads(registry);
  const app = express();
  app.disable("x-powered-by");
  const live = { queue, configuration: () => configuration, clock, log };
  const watch = watchFleet(live);
  const series = keepSeries();
  const keeping = watch.onSnapshot(series.add);
  const streams = createEventStreams();
  const fleetTasks = createFleetTasks(queue, clock, log);
  const { history = null } = options;
  const requestsPerMinute = async () => await quotasNow(watch, configuration);
  const desk = history === null ? null : openReplayDesk({ ...live, history, requestsPerMinute });
  const reconciles = history === null ? null : openReconcileDesk({ ...live, history, onRead: readMetrics(registry) });
  const index = indexDeadLetters(() => allLetters({ configuration, queue }));
  const letters = openDeadLetterCatalog({ queue, history, index, fleet: () => ({ configuration, queue }) });
  const fields = watchFields({ ...live, history });
  const issues = openIssueDesk({ ...live, watch, letters, fields });
  const routes = [
    ...nowRoutes({ ...live, watch, series, streams, fleetTasks, issues }),
    ...issueRoutes({ queue, issues }),
    ...destinationRoutes({ ...live, watch }),
    ...sourceRoutes({ ...live, watch, fields }),
    ...recordRoutes(live),
    ...historyRoutes({ ...live, history }),
    ...replayRoutes({ ...live, desk }),
    ...reconcileRoutes({ ...live, desk: reconciles }),
    ...auditRoutes(live),
    ...deadLetterRoutes({ ...live, watch, fleetTasks, letters }),
    ...trialRoutes(live),
    ...taskRoutes({ ...live, fleetTasks }),
  ];
  app.use(
    operations({
      registry,
      ready: async () => await ready(queue),
      token: options.metricsToken,
    }),
    createConsoleApp({
      tokens,
      signIn: configuration.console,
      clock,
      log,
      surroundings,
      routes,
      page: pageRoutes({ log, clock }),
    }),
  );
  const listening = await listen(app, { role: "console", port, host });
  log.info({ url: listening.url }, "console ready");
  return {
    url: listening.url,
    use(next) {
      configuration = next;
      reads.used();
    },
    keep: reads.kept,
    async close(deadlineMs = LIMITS.shutdownDeadlineMs) {
      keeping.close();
      watch.close();
      streams.close();
      desk?.close();
      void fields.close();
      // Others stop after this one, by the same deadline: a destination that hangs under a reconcile must not use it up.
      const workMs = Math.min(deadlineMs, LIMITS.shutdownDeadlineMs);
      const work = [reconciles?.close(workMs), fleetTasks.close(workMs), issues.close()];
      await Promise.all([...work, listening.close(deadlineMs)]);
      await queue.close();
    },
  };
}

/** Refuses an API without a token beyond loopback: anybody who reaches it could read every customer and stop the flow. */
function assertProtected(host: string, adminToken: string | null): void {
  if (adminToken !== null || isLoopback(host)) return;
  throw new SluiceError(`the console would listen on ${host} and has no token`, {
    code: "console_unprotected",
    hint: "set SLUICE_ADMIN_TOKEN, or let it listen on 127.0.0.1",
  });
}

/** The console is ready as long as Redis answers; a state of Redis that went back is told. */
async function ready(queue: Queue): Promise<Record<string, ReadinessCheck>> {
  const redis = { ok: true, detail: `${(await queue.ping()).toFixed(1)} ms` };
  const detail = describeUnseen(await queue.state.regresses()) ?? "no older than what was known of it";
  return { redis, state: { ok: true, detail } };
}

async function* allLetters(fleet: Fleet): AsyncIterable<DeadLetter> {
  for await (const { letter } of chosenDeadLetters(fleet, {})) yield letter;
}
