import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startIngress } from "@sluice/ingress";
import { createLog, loadConfiguration, systemClock } from "@sluice/runtime";
import { startWorker } from "@sluice/worker";
import type { Fleet } from "./fleet.ts";

export type RoleProcess = ChildProcess & { readonly url: string };

/** A worker of a test's fleet in a process of its own, so that it can be killed. Resolves when it works. */
export async function spawnWorker(fleet: Fleet, redisUrl: string): Promise<RoleProcess> {
  return await spawnRole("worker", fleet, redisUrl);
}

/** A door of a test's fleet in a process of its own. */
export async function spawnDoor(fleet: Fleet, redisUrl: string): Promise<RoleProcess> {
  return await spawnRole("ingress", fleet, redisUrl);
}

async function spawnRole(role: keyof typeof STARTS, { settings }: Fleet, redisUrl: string): Promise<RoleProcess> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
    env: { ...process.env, [SETTINGS]: JSON.stringify({ ...settings, role, redisUrl }) },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [said] = (await Promise.race([once(child, "message"), once(child, "exit")])) as unknown[];
  if (typeof said !== "string") throw new Error(`the ${role}'s process ended: ${String(said)}`);
  return Object.assign(child, { url: said });
}

const SETTINGS = "SLUICE_TEST_WORKER";

const STARTS = { ingress: startIngress, worker: startWorker };

type Settings = Fleet["settings"] & { readonly role: keyof typeof STARTS; readonly redisUrl: string };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { role, path, env, namespace, redisUrl } = JSON.parse(process.env[SETTINGS] ?? "") as Settings;
  const configuration = await loadConfiguration({ path, env });
  const log = createLog({ role, level: "silent" });
  const { url } = await STARTS[role]({ configuration, redisUrl, namespace, port: 0, clock: systemClock, log });
  process.send?.(url);
  // The test that started this process is gone: nobody else would end it.
  process.on("disconnect", () => process.exit());
}
