import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
import { LIMITS } from "./limits.ts";
import { createLog } from "./log.ts";
import { createShutdown } from "./shutdown.ts";

const log = createLog({ role: "test", level: "silent" });

test("parts end in the reverse order of their start, once, whoever asks", async () => {
  const ended: string[] = [];
  const shutdown = createShutdown({ log });
  const part = (name: string) => ({ name, stop: async () => void ended.push(name) });
  shutdown.add(part("redis"));
  shutdown.add(part("ingress"), part("worker"));
  expect(await Promise.all([shutdown.stop(), shutdown.stop()])).toEqual([true, true]);
  expect(ended).toEqual(["ingress", "worker", "redis"]);
});

test("parts say that they are about to end before any of them ends, and none is waited for longer than the others", async () => {
  const said: string[] = [];
  const shutdown = createShutdown({ log });
  const heard = Promise.withResolvers<void>();
  shutdown.add({ name: "redis", stop: async () => void said.push("redis ends") });
  shutdown.add({
    name: "ingress",
    async drain() {
      said.push("ingress is about to end");
      await heard.promise;
    },
    stop: async () => void said.push("ingress ends"),
  });
  shutdown.add({
    name: "console",
    drain: () => Promise.reject(new Error("no")),
    stop: async () => void said.push("console ends"),
  });
  const stopping = shutdown.stop();
  await vi.waitFor(() => expect(said).toEqual(["ingress is about to end"]), { timeout: 60_000 });
  heard.resolve();
  expect(await stopping).toBe(true);
  expect(said).toEqual(["ingress is about to end", "console ends", "ingress ends", "redis ends"]);
});

test("a part that fails or never ends is told, and does not keep the others from ending", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const ended: string[] = [];
  const shutdown = createShutdown({ log, deadlineMs: 1000 });
  shutdown.add({ name: "redis", stop: async () => void ended.push("redis") });
  shutdown.add({ name: "worker", stop: () => new Promise(() => {}) });
  shutdown.add({ name: "ingress", stop: () => Promise.reject(new Error("no")) });
  const stopping = shutdown.stop();
  await vi.advanceTimersByTimeAsync(1000 + 2 * LIMITS.shutdownLeastMs);
  expect(await stopping).toBe(false);
  expect(ended).toEqual(["redis"]);
});

async function signalled(): Promise<{
  kill(signal: NodeJS.Signals): void;
  says(text: string): Promise<void>;
  exit: Promise<unknown[]>;
}> {
  const program = `
    const { onStopSignal } = await import(${JSON.stringify(new URL("./shutdown.ts", import.meta.url).href)});
    onStopSignal(() => console.log("graceful"), () => process.exit(130));
    console.log("ready");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return {
    kill: (signal) => void child.kill(signal),
    async says(text) {
      while (!output.includes(text)) await once(child.stdout, "data");
    },
    exit: once(child, "exit"),
  };
}

test("one key press that arrives three times is one signal, a second press ends at once", async () => {
  const process = await signalled();
  await process.says("ready");
  process.kill("SIGINT");
  await process.says("graceful");
  process.kill("SIGINT");
  process.kill("SIGTERM");
  const early = await Promise.race([process.exit, after(LIMITS.sameSignalMs + 100)]);
  expect(early).toBe("still there");
  process.kill("SIGINT");
  expect(await process.exit).toEqual([130, null]);
});

/** Time is the subject of this test: the signal must come after the half second. */
function after(delayMs: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve("still there"), delayMs));
}
