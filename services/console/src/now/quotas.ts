import type { Configuration } from "@sluice/runtime";
import { summarizeDestination } from "./destination-now.ts";
import type { FleetWatch } from "./fleet-watch.ts";

/** The requests a minute that each destination takes at present; null: there is no such destination. */
export async function quotasNow(
  watch: FleetWatch,
  configuration: Configuration,
): Promise<(destination: string) => number | null> {
  const { lanes } = await watch.latest();
  return (destination) => {
    const lane = lanes.get(destination);
    if (lane === undefined) return null;
    return summarizeDestination(destination, lane, watch.lately, configuration).quota.requestsPerMinute;
  };
}
