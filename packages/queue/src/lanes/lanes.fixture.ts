import type { Redis } from "ioredis";
import { createAcknowledgement } from "../server/acknowledgement.ts";
import type { Lane } from "../lane.ts";
import { openLanes } from "./destination.ts";
import { settleLaneCount } from "./lane-count.ts";

/** The destination `crm` with so many lanes, as a worker has it. */
export async function openCrm(
  redis: Redis,
  namespace: string,
  lanes: number,
  dedupeWindowMs = 86_400_000,
): Promise<Lane> {
  await settleLaneCount(redis, namespace, "crm", lanes);
  const acknowledgement = createAcknowledgement(redis, "redis");
  const options = { namespace, destination: "crm", dedupeWindowMs, orderingHorizonMs: 86_400_000, acknowledgement };
  return openLanes(redis, options, () => lanes).lane;
}
