import { createLog, systemClock } from "@sluice/runtime";
import { startWorker } from "@sluice/worker";
import { serveParent } from "../child.ts";
import { readSluiceConfiguration, type SluiceSettings } from "./sluice-configuration.ts";

/** (c), the worker as it ships. */
serveParent(async (settings: SluiceSettings) => {
  const { redisUrl } = settings;
  const configuration = await readSluiceConfiguration(settings);
  const log = createLog({ role: "worker" });
  const worker = await startWorker({ configuration, redisUrl, port: 0, clock: systemClock, log });
  return { close: async () => await worker.close(5000) };
});
