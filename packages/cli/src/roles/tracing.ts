import type { Log, Shutdown } from "@sluice/runtime";
import type { Tracing } from "@sluice/tracing";
import type { Settings } from "../environment.ts";
import { ownVersion } from "../version.ts";

/**
 * The traces of this process; null: the environment names no collector. They end after all that was added behind them.
 * @throws TracingSettingsError
 */
export async function tracingHere({ env }: Settings, log: Log, shutdown: Shutdown): Promise<Tracing | null> {
  const { openTracing } = await import("@sluice/tracing");
  const tracing = await openTracing({
    env,
    version: ownVersion(),
    nowMs: () => Date.now(),
    steadyMs: () => performance.now(),
    onFault: (message) => log.warn({ component: "tracing" }, `the collector takes no spans: ${message}`),
  });
  if (tracing === null) return null;
  shutdown.add({ name: "tracing", stop: async (deadlineMs) => await tracing.close(deadlineMs) });
  return tracing;
}
