import { fileURLToPath } from "node:url";
import { loadConfiguration, type Configuration } from "@sluice/runtime";
import { SECRET } from "../event.ts";
import { DESTINATION_CONCURRENCY } from "../limits.ts";

/** What Sluice's door and worker are started with. */
export type SluiceSettings = {
  readonly redisUrl: string;
  readonly destinationUrl: string;
  /** Of a second destination, where the configuration has one. */
  readonly neighbourUrl?: string;
  /** A file beside this one; sluice.yaml unless given. */
  readonly configuration?: string;
};

/** Sluice's own way in: a file beside this one, read as `sluice up` reads it. */
export async function readSluiceConfiguration({
  destinationUrl,
  neighbourUrl = "",
  configuration: file = "sluice.yaml",
}: SluiceSettings): Promise<Configuration> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const env = { BENCH_SECRET: SECRET, BENCH_DESTINATION_URL: destinationUrl, BENCH_NEIGHBOUR_URL: neighbourUrl };
  const configuration = await loadConfiguration({ path, env });
  const concurrency = configuration.destinations.get("crm")?.concurrency;
  if (concurrency !== DESTINATION_CONCURRENCY) throw new Error("Sluice and the service by hand must call alike");
  return configuration;
}
