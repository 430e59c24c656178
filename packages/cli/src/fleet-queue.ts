import { openQueue, type Queue } from "@sluice/queue";
import {
  assertKeepsKeys,
  findRedis,
  laneNames,
  loadConfiguration,
  SluiceError,
  type Configuration,
} from "@sluice/runtime";
import { configurationEnvironment, type Settings } from "./environment.ts";

/**
 * Opens the queue of a Sluice that runs, or ran, with these settings: the Redis that is named, or the private one of
 * `sluice up` on the same data directory.
 * @param kind `door`: it takes webhooks in, as much as there is room for
 * @throws SluiceError `redis_missing`, or the fault of the Redis or the configuration
 */
export async function openFleetQueue(
  settings: Settings,
  kind: "command" | "door" = "command",
): Promise<{ configuration: Configuration; queue: Queue }> {
  const { configPath } = settings;
  const configuration = await loadConfiguration({ path: configPath, env: configurationEnvironment(settings) });
  const redisUrl = await requireRedis(settings, "this command");
  const { dedupeWindowMs, orderingHorizonMs } = configuration;
  const queue = await openQueue({
    redisUrl,
    kind,
    destinations: laneNames(configuration),
    dedupeWindowMs,
    orderingHorizonMs,
    // A command that only reads needs neither room nor a durable answer.
    ...(kind === "door" ? { ack: configuration.ack, memoryBudget: configuration.redisMemoryBudget } : {}),
    // A command that fails tells its own error; the connection's error would only stand beside it.
    onError: () => {},
  });
  return { configuration, queue };
}

/** Does something with the queue, and closes it, however that ends. */
export async function withFleet<T>(
  settings: Settings,
  act: (fleet: { readonly configuration: Configuration; readonly queue: Queue }) => Promise<T>,
  kind?: "door",
): Promise<T> {
  const fleet = await openFleetQueue(settings, kind);
  try {
    return await act(fleet);
  } finally {
    await fleet.queue.close();
  }
}

/** The Redis that is named, or the private one of this data directory, found fit. */
export async function requireRedis(settings: Settings, who: string): Promise<string> {
  const redisUrl = settings.redisUrl ?? (await findRedis(settings.dataDir));
  if (redisUrl === undefined) {
    throw new SluiceError(`${who} has no Redis`, {
      code: "redis_missing",
      hint: "set SLUICE_REDIS_URL, or run `sluice up`, which brings a private one, on the same data directory",
    });
  }
  await assertKeepsKeys(redisUrl);
  return redisUrl;
}
