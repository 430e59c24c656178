import { startConsole } from "@sluice/console";
import { startIngress } from "@sluice/ingress";
import { startRecords } from "@sluice/records";
import {
  createLog,
  createShutdown,
  loadConfiguration,
  openDatabase,
  readToken,
  startRedis,
  systemClock,
  withoutPassword,
  type Configuration,
  type Log,
  type Shutdown,
} from "@sluice/runtime";
import { startWorker } from "@sluice/worker";
import { makeBackup } from "../backup/backup.ts";
import { serveControl } from "../backup/control.ts";
import { holdDirectory } from "./directory.ts";
import { historyHere } from "./history-place.ts";
import { configurationEnvironment, type Settings } from "../environment.ts";
import { keepMarks } from "./marks-file.ts";
import { recordsSettings } from "./records-settings.ts";
import { reloadOnChange } from "./reload.ts";
import { tracingHere } from "./tracing.ts";
import { ownVersion } from "../version.ts";

/** A whole Sluice in this process. */
export type Up = {
  readonly configuration: Configuration;
  readonly shutdown: Shutdown;
  readonly log: Log;
  readonly urls: {
    readonly ingress: string;
    readonly worker: string;
    readonly console: string;
    readonly records: string;
  };
  readonly adminToken: string;
  readonly recordsToken: string;
  /** Undefined: the numbers are for everybody. */
  readonly metricsToken: string | undefined;
  /** The programs that run, for people. */
  readonly redis: string;
  readonly database: string;
};

/** Starts every role, with a private Redis and Postgres where none is named. Stops what it started if one fails. */
export async function startUp(settings: Settings): Promise<Up> {
  const log = createLog({ role: "sluice", level: settings.logLevel ?? "warn", readable: true });
  const shutdown = createShutdown({ log });
  try {
    return await start(settings, log, shutdown);
  } catch (error) {
    await shutdown.stop();
    throw error;
  }
}

async function start(settings: Settings, log: Log, shutdown: Shutdown): Promise<Up> {
  const { configPath, dataDir, env, host, metricsToken, ports } = settings;
  const adminToken = readToken("SLUICE_ADMIN_TOKEN", { env, dataDir });
  const recordsToken = readToken("SLUICE_RECORDS_TOKEN", { env, dataDir });
  // The file is checked before anything is started: a fault in it should show at once.
  const configuration = await loadConfiguration({ path: configPath, env: configurationEnvironment(settings) });
  await holdDirectory(dataDir, "sluice up", { log, shutdown });

  const [redis, database] = await Promise.all([
    startRedis({ url: settings.redisUrl, dataDir, env, log }).then((started) => {
      shutdown.add({ name: "redis", stop: async () => await started.stop() });
      return started;
    }),
    openDatabase({ url: settings.databaseUrl, dataDir, log }).then((opened) => {
      shutdown.add({ name: "database", stop: async () => await opened.close() });
      return opened;
    }),
  ]);
  const clock = systemClock;
  const records = await startRecords({
    database,
    tokens: [{ token: recordsToken, role: "admin" }],
    port: ports.records,
    host,
    metricsToken,
    clock,
    log: log.child({ role: "records" }),
    objects: configuration.objects.values(),
    ...recordsSettings(settings, configuration),
  });
  shutdown.add({ name: "records", stop: async (deadlineMs) => await records.close(deadlineMs) });
  const history = historyHere(configuration, settings, database, log);
  shutdown.add({ name: "history", stop: async () => await history?.history.close() });
  const tracing = await tracingHere(settings, log, shutdown);
  const role = { configuration, redisUrl: redis.url, host, metricsToken, clock, tracing };
  const worker = await startWorker({
    ...role,
    port: ports.worker,
    log: log.child({ role: "worker" }),
    history,
    // A Redis that is not the private one does not belong to this directory: others work with it, and go on while this one is down.
    ...(redis.embedded ? { marksKeeper: keepMarks(dataDir) } : {}),
  });
  shutdown.add({ name: "worker", stop: async (deadlineMs) => await worker.close(deadlineMs) });
  const ingress = await startIngress({
    ...role,
    port: ports.ingress,
    log: log.child({ role: "ingress" }),
    ...(redis.embedded ? { fileShortened: redis.fileShortened } : {}),
  });
  shutdown.add({ name: "ingress", stop: async (deadlineMs) => await ingress.close(deadlineMs) });
  const operators = await startConsole({
    ...role,
    port: ports.console,
    adminToken,
    readToken: settings.readToken,
    version: ownVersion(),
    history: history?.history ?? null,
    log: log.child({ role: "console" }),
  });
  shutdown.add({ name: "console", stop: async (deadlineMs) => await operators.close(deadlineMs) });
  reloadOnChange(settings, configuration, [ingress, worker, operators], { log, shutdown });
  const backed = {
    dataDir,
    redis: redis.embedded ? { url: redis.url } : null,
    database: settings.databaseUrl === undefined ? database : null,
  };
  await serveControl(dataDir, async (to) => await makeBackup(backed, to, clock.nowMs()), shutdown);
  return {
    configuration,
    shutdown,
    log,
    urls: { ingress: ingress.url, worker: worker.url, console: operators.url, records: records.url },
    adminToken,
    recordsToken,
    metricsToken,
    redis: redis.embedded ? `private, ${redis.program}` : withoutPassword(redis.url),
    database: settings.databaseUrl === undefined ? "embedded (PGlite)" : withoutPassword(settings.databaseUrl),
  };
}
