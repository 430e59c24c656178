import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { freePort, startSluice } from "../../sluice-process.ts";
import { startChild, type Child } from "../child.ts";
import { batchOf, SECRET } from "../event.ts";
import { withFolder } from "../folder.ts";
import { KILLED_AFTER_MS, LOAD_DEADLINE_MS, STEADY_EVENTS, STEADY_PER_SECOND } from "../limits.ts";
import type { Row } from "../row.ts";
import { openWork, untilSettled } from "../server.ts";
import type { SteadyOrder } from "../steady-sender.ts";

/** A whole Sluice is killed under load and started again: how long its acknowledged events wait, once it says that it is ready. */
export const restarted: Row = {
  name: "restarted",
  title: "SIGKILL of `sluice up` under load, and its next start",
  always: false,
  async measure({ rounds = 3, progress }) {
    const notes: string[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const sender = await startChild("steady-sender.ts", {});
      try {
        const said = await withFolder(async (dataDir) => await killAndStart(dataDir, sender, `restarted-${round}`));
        progress(said);
        notes.push(said);
      } finally {
        await sender.stop();
      }
    }
    return { findings: [], notes };
  },
};

async function killAndStart(dataDir: string, sender: Child, name: string): Promise<string> {
  const ports = { ingress: await freePort(), worker: await freePort(), records: await freePort() };
  const env = {
    SLUICE_CONFIG: fileURLToPath(new URL("../contestants/up.yaml", import.meta.url)),
    SLUICE_DATA_DIR: dataDir,
    SLUICE_RECORDS_TOKEN: "bench",
    SLUICE_INGRESS_PORT: String(ports.ingress),
    SLUICE_WORKER_PORT: String(ports.worker),
    SLUICE_RECORDS_PORT: String(ports.records),
    BENCH_SECRET: SECRET,
    BENCH_DESTINATION_URL: `http://127.0.0.1:${ports.records}`,
  };
  const first = startSluice(["up"], env);
  await first.ready(ports.ingress);
  const load: SteadyOrder = {
    url: `http://127.0.0.1:${ports.ingress}`,
    perSecond: STEADY_PER_SECOND,
    batches: { erp: batchOf(name, STEADY_EVENTS) },
  };
  // The door dies before the last of the events.
  const sent = sender.order(load, LOAD_DEADLINE_MS).catch(() => {});
  await wait(KILLED_AFTER_MS);
  await first.end("SIGKILL");
  await sent;

  const startedAt = performance.now();
  const second = startSluice(["up"], env);
  try {
    await second.ready(ports.ingress);
    await second.ready(ports.worker);
    const readyAt = performance.now();
    const redis = new Redis(redisOf(dataDir));
    try {
      const open = await openWork(redis);
      await untilSettled(redis);
      const settledMs = performance.now() - readyAt;
      return `ready ${seconds(readyAt - startedAt)} after the start; ${open} webhooks and records waited then, and all was settled ${seconds(settledMs)} later`;
    } finally {
      redis.disconnect();
    }
  } finally {
    await second.end("SIGTERM");
  }
}

function redisOf(dataDir: string): string {
  return (JSON.parse(readFileSync(join(dataDir, "redis", "endpoint.json"), "utf8")) as { readonly url: string }).url;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
