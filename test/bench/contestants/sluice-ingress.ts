import { startIngress } from "@sluice/ingress";
import { createLog, systemClock } from "@sluice/runtime";
import { serveParent } from "../child.ts";
import { readSluiceConfiguration } from "./sluice-configuration.ts";

type Settings = { readonly redisUrl: string; readonly destinationUrl: string };

/** (c), the door as it ships. */
serveParent(async ({ redisUrl, destinationUrl }: Settings) => {
  const configuration = await readSluiceConfiguration(destinationUrl);
  const log = createLog({ role: "ingress" });
  const ingress = await startIngress({ configuration, redisUrl, port: 0, clock: systemClock, log });
  return { url: ingress.url, close: async () => await ingress.close(1000) };
});
