import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import type { IntakePlace } from "./intake.fixture.ts";

/**
 * A worker in a process of its own, that something happens to when it reads a webhook with one of these event ids: `die` kills
 * it, at `hang` it waits for ever, at `stand` its event loop stands for nine seconds.
 */
export async function spawnDyingWorker({ namespace }: IntakePlace): Promise<ChildProcess> {
  const settings = JSON.stringify({ namespace, redisUrl: inject("redisUrl") });
  const program = fileURLToPath(new URL("./dying-worker-process.fixture.ts", import.meta.url));
  const child = spawn(process.execPath, [program, settings], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [said] = (await Promise.race([once(child, "message"), once(child, "exit")])) as unknown[];
  // A worker that dies at once may be dead before its message is heard.
  if (said !== "ready" && said !== null) throw new Error(`the worker's process ended: ${JSON.stringify(said)}`);
  return child;
}
