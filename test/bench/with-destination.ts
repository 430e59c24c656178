import { startChild, type Child } from "./child.ts";
import type { DestinationSettings } from "./destination.ts";

/** A destination that answers after so long, for as long as `use` takes. */
export async function withDestination<Result>(
  latencyMs: number,
  use: (destination: Child) => Promise<Result>,
  settings: Omit<DestinationSettings, "latencyMs"> = {},
): Promise<Result> {
  const destination = await startChild("destination.ts", { latencyMs, ...settings } satisfies DestinationSettings);
  try {
    return await use(destination);
  } finally {
    await destination.stop();
  }
}
