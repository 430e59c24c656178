import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startIngress, type RunningIngress } from "@sluice/ingress";
import { createLog, loadConfiguration, systemClock } from "@sluice/runtime";
import { startWorker, type RunningWorker } from "@sluice/worker";
import { expect } from "vitest";
import { CONFIGURATION, signed } from "../fleet.ts";
import { until } from "../redis-programs.ts";
import { runCommand } from "../sluice-commands.ts";
import { openTestDestination } from "../test-destination.ts";

/** Two doors and two workers on a Redis that a URL names, and a destination that remembers. */
export type RedisFleet = {
  /** Sends the record's value once. @returns the status */
  attempt(record: number, value: number): Promise<number>;
  /** Sends the record's next value until a door has acknowledged it. @returns how often one refused */
  send(record: number, value: number): Promise<number>;
  /** Sends values of so many records, each record's one after the other, until told to stop. */
  load(records: number): Load;
  /** Stops the workers, calls `meanwhile`, and starts others. Doors go on. */
  withoutWorkers(meanwhile: () => Promise<void>): Promise<void>;
  /** The status of each process' `/readyz`. */
  ready(): Promise<readonly number[]>;
  /** Resolves when nothing waits any more. */
  settled(): Promise<void>;
  /** The destination's values by record. */
  shown(): ReadonlyMap<string, unknown>;
  /** Holds the books against themselves, and yields how many changes they have. */
  audit(): Promise<number>;
  /** The log, from `warn` on. */
  readonly logged: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
};

export type Load = {
  /** The highest acknowledged value of each record. */
  readonly acknowledged: readonly number[];
  readonly refused: () => number;
  /** Resolves when each record has had so many more values acknowledged. */
  more(values: number): Promise<void>;
  /** Waits for something that is not Sluice's, and sends with pauses meanwhile. */
  during(waited: Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
};

/** Between two values of a record while something else is waited for. */
const PAUSE_MS = 100;

/** @param more further lines of the file @param lanes how many lanes the destination begins with */
export async function openRedisFleet(redisUrl: string, more = "", lanes = 1): Promise<RedisFleet> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-on-redis-"));
  const destination = await openTestDestination();
  const path = join(dataDir, "sluice.yaml");
  const configured = CONFIGURATION.replace(/^ +concurrency: 4$/m, "$&\n    timeout: 2s\n    settle_after_silence: 3s");
  const spread = configured.replace(/^ +concurrency: 4$/m, `$&\n    lanes: ${lanes}`);
  writeFileSync(path, `${spread}\n${more}\n`);
  const env = {
    SLUICE_CONFIG: path,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_REDIS_URL: redisUrl,
    SLUICE_RECORDS_TOKEN: "t",
    RECORDS_URL: destination.url,
  };
  const configuration = await loadConfiguration({ path, env });
  const logged: string[] = [];
  const log = createLog({ role: "test", level: "warn", to: { write: (line: string) => void logged.push(line) } });
  const role = { configuration, redisUrl, port: 0, clock: systemClock, log };
  const workers: RunningWorker[] = [await startWorker(role), await startWorker(role)];
  const doors: RunningIngress[] = [await startIngress(role), await startIngress(role)];

  async function attempt(record: number, value: number, times = 0): Promise<number> {
    const data = { id: record, name: `Customer ${record}`, tier: `v${value}`, version: value };
    const door = doors[(record + value + times) % doors.length]!;
    const request = signed(`e-${record}-${value}`, JSON.stringify({ type: "customer.updated", data }));
    const response = await fetch(`${door.url}/webhooks/erp`, request);
    await response.arrayBuffer();
    return response.status;
  }

  async function send(record: number, value: number, onRefused: () => void = () => {}): Promise<number> {
    for (let refused = 0; ; refused += 1) {
      const status = await attempt(record, value, refused);
      if (status === 202) return refused;
      expect(status).toBe(503);
      onRefused();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  return {
    attempt: async (record, value) => await attempt(record, value),
    send: async (record, value) => await send(record, value),
    load(records) {
      const acknowledged = Array.from({ length: records }, () => 0);
      let refused = 0;
      let waits = false;
      const stop = new AbortController();
      const senders = acknowledged.map(async (_, record) => {
        for (let value = 1; !stop.signal.aborted; value += 1) {
          await send(record, value, () => (refused += 1));
          acknowledged[record] = value;
          if (waits) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
      });
      const all = Promise.all(senders);
      return {
        acknowledged,
        refused: () => refused,
        async more(values) {
          const before = [...acknowledged];
          const isEnough = (): boolean => acknowledged.every((value, record) => value >= before[record]! + values);
          // A sender that fails ends the wait.
          await Promise.race([until(isEnough), all]);
        },
        async during(waited) {
          waits = true;
          await waited.finally(() => (waits = false));
        },
        async stop() {
          stop.abort();
          await all;
        },
      };
    },
    async withoutWorkers(meanwhile) {
      await Promise.all(workers.splice(0).map(async (worker) => await worker.close(5000)));
      await meanwhile();
      workers.push(await startWorker(role), await startWorker(role));
    },
    async ready() {
      const urls = [...doors, ...workers].map(({ url }) => `${url}/readyz`);
      return await Promise.all(urls.map(async (url) => (await fetch(url)).status));
    },
    async settled() {
      let shown: readonly string[] = [];
      const isSettled = async (): Promise<boolean> => {
        // One of them shows the fleet's numbers.
        const texts = await Promise.all(workers.map(async ({ url }) => await (await fetch(`${url}/metrics`)).text()));
        shown = texts.flatMap(
          (text) => text.match(/^sluice_(?:intake_waiting_webhooks|pending_changes\{.*\}) \d+$/gm) ?? [],
        );
        return shown.length > 1 && shown.every((line) => line.endsWith(" 0"));
      };
      await until(isSettled).catch(() => {
        throw new Error(["not settled:", ...shown, ...logged.slice(-20)].join("\n"));
      });
    },
    shown: () => new Map([...destination.shown()].map(([record, { tier }]) => [record, tier] as const)),
    async audit() {
      const { code, output, printed } = await runCommand(["audit", "--seen", "--json"], env);
      expect(code, output).toBe(0);
      const { accounts } = JSON.parse(printed) as { readonly accounts: readonly { readonly accepted: number }[] };
      return accounts.reduce((sum, { accepted }) => sum + accepted, 0);
    },
    logged,
    env,
    async close() {
      await Promise.all([...doors, ...workers].map(async (each) => await each.close(0)));
      destination.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Expects that each record shows its last acknowledged value, and that the books have every value once. */
export async function expectAllRight(fleet: RedisFleet, acknowledged: readonly number[]): Promise<void> {
  await fleet.settled();
  const wanted = acknowledged.map((value, record) => [`c-${record}`, `v${value}`] as const);
  expect(new Map(fleet.shown())).toEqual(new Map(wanted));
  expect(await fleet.audit()).toBe(acknowledged.reduce((sum, value) => sum + value, 0));
}
