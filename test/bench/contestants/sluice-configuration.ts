import { fileURLToPath } from "node:url";
import { loadConfiguration, type Configuration } from "@sluice/runtime";
import { SECRET } from "../event.ts";
import { DESTINATION_CONCURRENCY } from "../limits.ts";

/** Sluice's own way in: the file beside this one, read as `sluice up` reads it. */
export async function readSluiceConfiguration(destinationUrl: string): Promise<Configuration> {
  const path = fileURLToPath(new URL("sluice.yaml", import.meta.url));
  const env = { BENCH_SECRET: SECRET, BENCH_DESTINATION_URL: destinationUrl };
  const configuration = await loadConfiguration({ path, env });
  const concurrency = configuration.destinations.get("crm")?.concurrency;
  if (concurrency !== DESTINATION_CONCURRENCY) throw new Error("Sluice and the service by hand must call alike");
  return configuration;
}
