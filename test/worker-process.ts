import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createLog, loadConfiguration, systemClock } from "@sluice/runtime";
import { startWorker } from "@sluice/worker";
import type { Fleet } from "./fleet.ts";

export type WorkerProcess = ChildProcess & { readonly url: string };

/** A worker of a test's fleet in a process of its own, so that it can be killed. Resolves when it works. */
export async function spawnWorker({ settings }: Fleet, redisUrl: string): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
    env: { ...process.env, [SETTINGS]: JSON.stringify({ ...settings, redisUrl }) },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [said] = (await Promise.race([once(child, "message"), once(child, "exit")])) as unknown[];
  if (typeof said !== "string") throw new Error(`the worker's process ended: ${String(said)}`);
  return Object.assign(child, { url: said });
}

const SETTINGS = "SLUICE_TEST_WORKER";

type Settings = Fleet["settings"] & { readonly redisUrl: string };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { path, env, namespace, redisUrl } = JSON.parse(process.env[SETTINGS] ?? "") as Settings;
  const configuration = await loadConfiguration({ path, env });
  const log = createLog({ role: "worker", level: "silent" });
  const { url } = await startWorker({ configuration, redisUrl, namespace, port: 0, clock: systemClock, log });
  process.send?.(url);
  // The test that started this process is gone: nobody else would end it.
  process.on("disconnect", () => process.exit());
}
