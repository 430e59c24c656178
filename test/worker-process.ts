import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createLog, loadConfiguration, systemClock } from "@sluice/runtime";
import { startWorker } from "@sluice/worker";
import type { Fleet } from "./fleet.ts";

/** A worker of a test's fleet in a process of its own, so that it can be killed. Resolves when it works. */
export async function spawnWorker({ settings }: Fleet, redisUrl: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
    env: { ...process.env, [SETTINGS]: JSON.stringify({ ...settings, redisUrl }) },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [said] = (await Promise.race([once(child, "message"), once(child, "exit")])) as unknown[];
  if (said !== "ready") throw new Error(`the worker's process ended: ${String(said)}`);
  return child;
}

const SETTINGS = "SLUICE_TEST_WORKER";

type Settings = Fleet["settings"] & { readonly redisUrl: string };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { path, env, namespace, redisUrl } = JSON.parse(process.env[SETTINGS] ?? "") as Settings;
  const configuration = await loadConfiguration({ path, env });
  const log = createLog({ role: "worker", level: "silent" });
  await startWorker({ configuration, redisUrl, namespace, port: 0, clock: systemClock, log });
  process.send?.("ready");
  // The test that started this process is gone: nobody else would end it.
  process.on("disconnect", () => process.exit());
}
