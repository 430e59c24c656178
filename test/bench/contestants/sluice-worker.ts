import { createLog, systemClock } from "@sluice/runtime";
import { startWorker } from "@sluice/worker";
import { serveParent } from "../child.ts";
import { readSluiceConfiguration } from "./sluice-configuration.ts";

type Settings = { readonly redisUrl: string; readonly destinationUrl: string };

/** (c), the worker as it ships. */
serveParent(async ({ redisUrl, destinationUrl }: Settings) => {
  const configuration = await readSluiceConfiguration(destinationUrl);
  const log = createLog({ role: "worker" });
  const worker = await startWorker({ configuration, redisUrl, port: 0, clock: systemClock, log });
  return { close: async () => await worker.close(5000) };
});
