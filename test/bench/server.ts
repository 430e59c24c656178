import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { findRedisProgram } from "@sluice/runtime";
import { freePort } from "../sluice-process.ts";
import { temporaryFolder } from "./folder.ts";
import { countable, countInstructions } from "./instructions.ts";
import { CHILD_START_DEADLINE_MS, DRAIN_DEADLINE_MS, SETTLED_LOOK_MS } from "./limits.ts";

/** A private Redis that has every write on the disk first, for one measurement of one contestant. */
export type BenchRedis = {
  readonly url: string;
  readonly client: Redis;
  /** Processor time of all threads since the server started. */
  processorMicros(): Promise<number>;
  /** Instructions that the server carries out while `work` runs. Only of a server that was started for it: it is some fifty times as slow. */
  instructions(work: () => Promise<void>): Promise<number>;
  /** Memory for the data: without the buffers of connections and of the file. */
  keptBytes(): Promise<number>;
  /** Resolves when no webhook waits, none is being understood, and no record is due or being written. */
  settled(): Promise<void>;
  /** Resolves when no webhook waits and none is being understood. */
  understood(): Promise<void>;
  stop(): Promise<void>;
};

/** `settings`: a redis.conf; each tree is measured with the one that it asks for. `counted`: its instructions can be counted. */
export async function startBenchRedis(settings: string, { counted = false } = {}): Promise<BenchRedis> {
  const directory = temporaryFolder();
  const port = await freePort();
  const own = {
    bind: "127.0.0.1",
    port: String(port),
    dir: directory,
    appendonly: "yes",
    appendfsync: "always",
    save: "",
    // A rewrite that starts by itself would hit one contestant and not the others.
    "auto-aof-rewrite-percentage": "0",
  };
  const options = Object.entries(own).flatMap(([name, value]) => [`--${name}`, value]);
  const program = await findRedisProgram(process.env);
  if (program === undefined) throw new Error("the bench needs redis-server or valkey-server on the PATH");
  const [command, before] = counted ? countable(program.path, directory) : [program.path, []];
  const argv0 = counted ? command : program.argv0;
  const server = spawn(command, [...before, settings, ...options], { argv0, stdio: "ignore" });
  const ended = once(server, "exit").then(
    ([code]) => `ended with ${String(code)}`,
    (error: Error) => `can't be started: ${error.message}`,
  );
  const endWithUs = (): void => void server.kill("SIGKILL");
  process.once("exit", endWithUs);
  const url = `redis://127.0.0.1:${port}/0`;
  const client = new Redis(url, { retryStrategy: () => 20 });
  // Connections are refused until the server listens.
  client.on("error", () => {});
  const stop = async (): Promise<void> => {
    client.disconnect();
    endWithUs();
    await ended;
    process.removeListener("exit", endWithUs);
    rmSync(directory, { recursive: true, force: true });
  };
  const ready = new Promise<null>((resolve) => client.once("ready", () => resolve(null)));
  const late = wait(CHILD_START_DEADLINE_MS, "was not ready in time", { ref: false });
  try {
    const failed = await Promise.race([ready, ended, late]);
    if (failed !== null) throw new Error(`${program.title} ${failed}`);
  } catch (error) {
    await stop();
    throw error;
  }
  const number = async (section: string, ...names: readonly string[]): Promise<readonly number[]> => {
    const info = await client.info(section);
    return names.map((name) => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1] ?? 0));
  };
  return {
    url,
    client,
    stop,
    processorMicros: async () => await redisProcessorMicros(client),
    instructions: async (work) => await countInstructions(server.pid!, directory, work),
    async keptBytes() {
      const [used, clients, file] = await number("memory", "used_memory", "mem_clients_normal", "mem_aof_buffer");
      return used! - clients! - file!;
    },
    settled: async () => await untilSettled(client),
    understood: async () => await untilNone(async () => await waiting(client)),
  };
}

/** The keys of a tree's open work: webhooks in the intake, records in a lane. A release before the intake has none. */
const INTAKE = ["webhooks", "large"].map((queue) => `{sluice:intake}:${queue}`);
const DUE = "{sluice:crm}:due";

/** Webhooks that wait or are being understood, and records that are due or being written. */
export async function openWork(client: Redis): Promise<number> {
  return (await waiting(client)) + (await client.zcard(DUE));
}

export async function untilSettled(client: Redis): Promise<void> {
  await untilNone(async () => await openWork(client));
}

/** Processor time of all threads of a server since it started. */
export async function redisProcessorMicros(client: Redis): Promise<number> {
  const info = await client.info("cpu");
  const seconds = [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].map(([, each]) => Number(each));
  return seconds.reduce((sum, each) => sum + each, 0) * 1e6;
}

async function waiting(client: Redis): Promise<number> {
  const asked = client.pipeline();
  for (const queue of INTAKE) asked.llen(`${queue}:wait`).llen(`${queue}:active`).zcard(`${queue}:delayed`);
  const counts = (await asked.exec()) ?? [];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

async function untilNone(count: () => Promise<number>): Promise<void> {
  const deadline = performance.now() + DRAIN_DEADLINE_MS;
  // The count must be none twice in a row: between leaving one place and standing in the next, work may be in neither.
  for (let none = 0; none < 2;) {
    none = (await count()) === 0 ? none + 1 : 0;
    if (performance.now() > deadline) throw new Error(`not all was done after ${DRAIN_DEADLINE_MS} ms`);
    await wait(SETTLED_LOOK_MS);
  }
}

/** How many webhooks a job of the intake carries, at the mean; null for a release without an intake. */
export async function meanGroup({ client }: BenchRedis, webhooks: number): Promise<number | null> {
  const jobs = Number(await client.get(`${INTAKE[0]}:id`));
  return jobs === 0 ? null : webhooks / jobs;
}
