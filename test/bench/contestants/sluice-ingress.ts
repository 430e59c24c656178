import { startIngress } from "@sluice/ingress";
import { createLog, systemClock } from "@sluice/runtime";
import { serveParent } from "../child.ts";
import { readSluiceConfiguration, type SluiceSettings } from "./sluice-configuration.ts";

/** (c), the door as it ships. */
serveParent(async (settings: SluiceSettings) => {
  const { redisUrl } = settings;
  const configuration = await readSluiceConfiguration(settings);
  const log = createLog({ role: "ingress" });
  const ingress = await startIngress({ configuration, redisUrl, port: 0, clock: systemClock, log });
  return { url: ingress.url, close: async () => await ingress.close(1000) };
});
