import { existsSync } from "node:fs";
import type { StandInOptions } from "@sluice/records";
import {
  createLog,
  createShutdown,
  isLoopback,
  loadConfiguration,
  openDatabase,
  readToken,
  systemClock,
  type Configuration,
  type Log,
  type Shutdown,
} from "@sluice/runtime";
import { holdDirectory } from "./directory.ts";
import { configurationEnvironment, type Settings } from "../environment.ts";
import { historyHere } from "./history-place.ts";
import { recordsSettings } from "./records-settings.ts";
import { reloadOnChange } from "./reload.ts";
import { requireRedis } from "../fleet-queue.ts";
import { tracingHere } from "./tracing.ts";
import { ownVersion } from "../version.ts";

export const ROLES = ["ingress", "worker", "console", "records"] as const;
export type ProcessRole = (typeof ROLES)[number];

/** Starts one role of a fleet in this process. `standIn` makes the records role a stand-in instead of the store as itself. */
export async function startRole(
  role: ProcessRole,
  settings: Settings,
  { standIn }: { readonly standIn?: StandInOptions | undefined } = {},
): Promise<{ shutdown: Shutdown; log: Log; url: string }> {
  const log = createLog({ role, level: settings.logLevel ?? "info" });
  const shutdown = createShutdown({ log });
  try {
    const url =
      role === "records"
        ? await records(settings, log, shutdown, standIn)
        : await onRedis(role, settings, log, shutdown);
    return { shutdown, log, url };
  } catch (error) {
    await shutdown.stop();
    throw error;
  }
}

async function onRedis(
  role: Exclude<ProcessRole, "records">,
  settings: Settings,
  log: Log,
  shutdown: Shutdown,
): Promise<string> {
  const { configPath, host, metricsToken, ports } = settings;
  const configuration = await loadConfiguration({ path: configPath, env: configurationEnvironment(settings) });
  const redisUrl = await requireRedis(settings, `sluice ${role}`);
  const options = { configuration, redisUrl, port: ports[role], host, metricsToken, clock: systemClock, log };
  const history = role === "ingress" ? null : historyHere(configuration, settings, null, log);
  shutdown.add({ name: "history", stop: async () => await history?.history.close() });
  const tracing = role === "console" ? null : await tracingHere(settings, log, shutdown);
  const start = async () => {
    switch (role) {
      case "ingress": {
        const ingress = await (await import("@sluice/ingress")).startIngress({ ...options, tracing });
        shutdown.add({ name: "ingress' callers", drain: ingress.drain, stop: async () => {} });
        return ingress;
      }
      case "worker":
        return await (await import("@sluice/worker")).startWorker({ ...options, history, tracing });
      case "console": {
        const adminToken = adminTokenOf(settings);
        return await (
          await import("@sluice/console")
        ).startConsole({
          ...options,
          adminToken,
          readToken: settings.readToken,
          version: ownVersion(),
          history: history?.history ?? null,
        });
      }
    }
  };
  const running = await start();
  shutdown.add({ name: role, stop: async (deadlineMs) => await running.close(deadlineMs) });
  reloadOnChange(settings, configuration, [running], { log, shutdown });
  return running.url;
}

/**
 * The console's admin token. A console that other machines reach needs a chosen one: only this process' disk would know a token
 * that is made here. Null: there is none.
 */
function adminTokenOf({ env, dataDir, host = "127.0.0.1" }: Settings): string | null {
  if (env["SLUICE_ADMIN_TOKEN"] || isLoopback(host)) return readToken("SLUICE_ADMIN_TOKEN", { env, dataDir });
  return null;
}

async function records(
  settings: Settings,
  log: Log,
  shutdown: Shutdown,
  standIn: StandInOptions | undefined,
): Promise<string> {
  const { databaseUrl, dataDir, env, host, metricsToken, ports } = settings;
  if (databaseUrl === undefined) {
    await holdDirectory(dataDir, "sluice records", { log, shutdown });
  }
  const token = readToken("SLUICE_RECORDS_TOKEN", { env, dataDir });
  const database = await openDatabase({ url: databaseUrl, dataDir, log });
  shutdown.add({ name: "database", stop: async () => await database.close() });
  const tokens = [{ token, role: "admin" }] as const;
  const configuration = await presentConfiguration(settings);
  const { startRecords } = await import("@sluice/records");
  const running = await startRecords({
    database,
    tokens,
    objects: configuration?.objects.values() ?? [],
    ...recordsSettings(settings, configuration),
    port: ports.records,
    host,
    metricsToken,
    clock: systemClock,
    log,
    standIn,
  });
  shutdown.add({ name: "records", stop: async (deadlineMs) => await running.close(deadlineMs) });
  log.info({ url: running.url, ...(standIn === undefined ? {} : { asZendesk: standIn.plan }) }, "records ready");
  return running.url;
}

/** The store runs without a configuration; a file that is there, or was named, may say which objects it begins with, and more. */
async function presentConfiguration(settings: Settings): Promise<Configuration | undefined> {
  const { configPath, env } = settings;
  if (env["SLUICE_CONFIG"] === undefined && !existsSync(configPath)) return undefined;
  return await loadConfiguration({ path: configPath, env: configurationEnvironment(settings) });
}
