import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { startChild, type Child } from "../child.ts";
import { sluiceOf } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleet, type Fleet } from "../fleet.ts";
import {
  KILLED_AFTER_MS,
  KILLED_DEADLINE_MS,
  KILLED_LATENCY_MS,
  LOAD_DEADLINE_MS,
  SETTLED_LOOK_MS,
  STEADY_EVENTS,
  STEADY_PER_SECOND,
} from "../limits.ts";
import type { MoodyDestinationSettings } from "../moody-destination.ts";
import { quantile } from "../quantile.ts";
import type { Row } from "../row.ts";
import type { SteadyOrder } from "../steady-sender.ts";
import { NOW } from "../tree.ts";

const LANE = "{sluice:crm}";
const BEATS = "{sluice:intake}:beats";

/** One of three workers is killed under load: how long its records wait until another worker has written them. */
export const killed: Row = {
  name: "killed",
  title: "SIGKILL of one of three workers under load",
  always: false,
  async measure({ rounds = 1, nodeOptions, progress }) {
    const notes: string[] = [];
    for (const fences of [true, false]) {
      for (let round = 1; round <= rounds; round += 1) {
        const waits = await withParts({ latencyMs: KILLED_LATENCY_MS, fences }, async (destination, sender) =>
          withFleet(sluiceOf(NOW), { nodeOptions, destinationUrl: destination.url }, async (fleet) =>
            killOne(fleet, sender, `killed-${String(fences)}-${round}`),
          ),
        );
        const said = `${fences ? "tokens are checked" : "no token is checked"}: ${waits.length} records of the dead worker, written by another one after ${shown(waits)}`;
        progress(said);
        notes.push(said);
      }
    }
    return { findings: [], notes };
  },
};

async function withParts<Result>(
  settings: MoodyDestinationSettings,
  use: (destination: Child, sender: Child) => Promise<Result>,
): Promise<Result> {
  const destination = await startChild("moody-destination.ts", settings);
  const sender = await startChild("steady-sender.ts", {});
  try {
    return await use(destination, sender);
  } finally {
    await sender.stop();
    await destination.stop();
  }
}

/** Milliseconds from the kill to the settled write, of each record that the dead worker had claimed. */
async function killOne(fleet: Fleet, sender: Child, name: string): Promise<readonly number[]> {
  const { client } = fleet.redis;
  await fleet.startWorker();
  await fleet.startWorker();
  const others = await client.zrange(BEATS, "0", "-1");
  const victim = await fleet.startWorker();
  const sessions = await client.zrange(BEATS, "0", "-1");
  const session = sessions.find((each) => !others.includes(each));
  if (session === undefined) throw new Error("the third worker has no session");
  const load: SteadyOrder = {
    url: fleet.door.url,
    perSecond: STEADY_PER_SECOND,
    batches: { erp: batchOf(name, STEADY_EVENTS) },
  };
  const sent = sender.order(load, LOAD_DEADLINE_MS);
  await wait(KILLED_AFTER_MS);
  process.kill(victim.pid, "SIGKILL");
  const killedAt = performance.now();
  const waiting = new Set(await claimedBy(client, session));
  const waits: number[] = [];
  while (waiting.size > 0) {
    if (performance.now() > killedAt + KILLED_DEADLINE_MS) throw new Error(`${waiting.size} records wait for ever`);
    await wait(SETTLED_LOOK_MS);
    for (const id of waiting) {
      // Each record has one event: once it is settled nothing of it is pending.
      if ((await client.exists(`${LANE}:p:${id}`)) === 1) continue;
      waiting.delete(id);
      waits.push(performance.now() - killedAt);
    }
  }
  await sent;
  await fleet.redis.settled();
  return waits;
}

async function claimedBy(client: Redis, session: string): Promise<readonly string[]> {
  const ids = await client.zrange(`${LANE}:due`, "0", "-1");
  const asked = client.pipeline();
  for (const id of ids) asked.hmget(`${LANE}:p:${id}`, "@by", "@fence");
  const holders = ((await asked.exec()) ?? []).map(([, holder]) => holder as readonly (string | null)[]);
  return ids.filter((_, at) => holders[at]?.[0] === session && holders[at]?.[1] !== null);
}

function shown(waits: readonly number[]): string {
  if (waits.length === 0) return "nothing";
  const at = (share: number): string => `${(quantile(waits, share) / 1000).toFixed(1)} s`;
  return `${at(0.5)} (half), ${at(0.95)} (95 %), ${at(1)} (all)`;
}
