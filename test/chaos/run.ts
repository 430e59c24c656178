import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { createLog, startRedis } from "@sluice/runtime";
import { freePort } from "../sluice-process.ts";
import { imbalance, readAccounts, unaccounted } from "./accounts.ts";
import { compareRecords } from "./comparison.ts";
import { chaosConfiguration, DESTINATION_TIMEOUT_MS, SETTLE_AFTER_SILENCE_MS } from "./configuration.ts";
import { startFaults } from "./faults.ts";
import { history, OBJECTS } from "./history.ts";
import { expectedRecords } from "./oracle.ts";
import { startMember, type Member, type Role } from "./processes.ts";
import { createRandom } from "./random.ts";
import { startRedisProxy } from "./redis-proxy.ts";
import type { Letters, Result } from "./result.ts";
import { startSenders } from "./senders.ts";
import { sluiceCommand } from "./sluice-command.ts";
import { startStoreProxy } from "./store-proxy.ts";
import { readRecords, type StoreAddress } from "./store-records.ts";
import { startWatch } from "./watch.ts";

/** How large a run is. */
export type Plan = {
  readonly seed: number;
  /** How long events are sent and faults dealt; the wait for the last writes comes on top. */
  readonly seconds: number;
  /** Records of each versioned object. */
  readonly records: number;
  readonly eventsPerSecond: number;
  readonly ingresses: number;
  readonly workers: number;
  /** Between two faults, on average; those of single requests to the store come besides. */
  readonly faultEveryMs: number;
  /** After the faults: how long everything may take to be acknowledged, and then to be written. */
  readonly settleMs: number;
  /** Whether an operator ends the destination's hold once the faults are over; else it ends when its time is over. */
  readonly resume: boolean;
  /** Whether the store checks fencing tokens. */
  readonly fences: boolean;
  /** A Postgres server for the store; undefined: the embedded one. */
  readonly databaseUrl: string | undefined;
};

export type Progress = (line: string, last?: boolean) => void;

const PROGRESS_EVERY_MS = 2000;
const SILENT = createLog({ role: "chaos", level: "silent" });

/** One run: a fleet of processes, senders, faults; then calm, and the comparison. It leaves nothing behind, stopped or not. */
export async function runChaos(plan: Plan, progress: Progress, stop?: AbortSignal): Promise<Result> {
  const startedAt = performance.now();
  const closing: (() => Promise<unknown> | void)[] = [];
  try {
    return await run(plan, progress, closing, startedAt, stop);
  } finally {
    // The last that was started ends first; the servers outlive what uses them.
    for (const close of closing.toReversed()) await Promise.resolve(close()).catch(() => {});
  }
}

async function run(
  plan: Plan,
  progress: Progress,
  closing: (() => Promise<unknown> | void)[],
  startedAt: number,
  stop: AbortSignal | undefined,
): Promise<Result> {
  const { seed } = plan;
  const chance = (stream: string) => createRandom(seed, stream);
  const folder = mkdtempSync(join(tmpdir(), "sluice-chaos-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));

  const redis = await startRedis({ dataDir: join(folder, "queue"), env: process.env, log: SILENT });
  closing.push(async () => await redis.stop());
  const admin = new Redis(redis.url, { maxRetriesPerRequest: null });
  admin.on("error", () => {});
  closing.push(() => admin.disconnect());
  const redisProxy = await startRedisProxy(redis.url, chance("redis").next);
  closing.push(async () => await redisProxy.close());

  const storePort = await freePort();
  const store: StoreAddress = { url: `http://127.0.0.1:${storePort}`, token: randomUUID() };
  const storeProxy = await startStoreProxy({
    storeUrl: store.url,
    random: chance("store"),
    patienceMs: DESTINATION_TIMEOUT_MS,
    fences: plan.fences,
    jobsLateMs: SETTLE_AFTER_SILENCE_MS,
  });
  closing.push(async () => await storeProxy.close());

  const config = join(folder, "sluice.yaml");
  writeFileSync(config, chaosConfiguration(storeProxy.url, store.token));
  const env = {
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, "store"),
    SLUICE_RECORDS_TOKEN: store.token,
    SLUICE_REDIS_URL: redisProxy.url,
    ...(plan.databaseUrl === undefined ? {} : { SLUICE_DATABASE_URL: plan.databaseUrl }),
  };
  const member = (role: Role, port: number): Member => {
    const started = startMember(role, port, env);
    closing.push(async () => await started.end());
    return started;
  };
  const records = member("records", storePort);
  await records.ready();
  const many = async (role: Role, count: number): Promise<Member[]> => {
    const ports = await Promise.all(Array.from({ length: count }, freePort));
    return ports.map((port) => member(role, port));
  };
  const ingresses = await many("ingress", plan.ingresses);
  const workers = await many("worker", plan.workers);
  const fleet = [...ingresses, ...workers];
  await Promise.all(fleet.map(async (each) => await each.ready()));
  progress(
    `${fleet.length} processes are ready; Redis: ${redis.program}; store: ${plan.databaseUrl ?? "PGlite"}`,
    true,
  );

  const objects = OBJECTS.map(({ key }) => key);
  const watch = startWatch(store, objects);
  closing.push(async () => await watch.stop());
  const senders = startSenders({
    history: history(seed, plan.records),
    doors: ingresses.map(({ url }) => url),
    random: chance("senders"),
    eventsPerSecond: plan.eventsPerSecond,
  });
  closing.push(async () => await senders.finish(0));
  const redisTakesSignals = !redis.program.includes("container");
  const victims = { ingresses, workers, records: plan.databaseUrl === undefined ? null : records };
  const faults = startFaults(
    { ...victims, redisProxy, storeProxy, admin, redisTakesSignals },
    chance("faults"),
    plan.faultEveryMs,
  );
  closing.push(async () => await faults.stop());

  const imbalances: string[] = [];
  const dealt = (): number =>
    [...faults.dealt.values(), ...Object.values(storeProxy.dealt)].reduce((sum, count) => sum + count, 0);
  const say = (phase: string, pending?: number): void => {
    const { sent, acknowledged } = senders.numbers;
    const waits = pending === undefined ? "" : `, pending ${pending}`;
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    progress(
      `${seconds} s, ${phase}: sent ${sent}, acknowledged ${acknowledged}${waits}, faults ${dealt()}, ` +
        `sampled ${watch.numbers.sampled}, regressed ${watch.regressions.length}`,
    );
  };
  const until = async (phase: string, deadlineMs: number, done: () => Promise<boolean>): Promise<boolean> => {
    const end = performance.now() + deadlineMs;
    for (let next = 0; performance.now() < end;) {
      stop?.throwIfAborted();
      if (await done()) return true;
      if (performance.now() >= next) {
        next = performance.now() + PROGRESS_EVERY_MS;
        const accounts = await within(500, readAccounts(admin));
        if (accounts !== null) imbalances.push(...imbalance(accounts));
        say(phase, accounts?.pending);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  };

  const broken = (): boolean =>
    senders.numbers.wrong.length > 0 || watch.regressions.length > 0 || imbalances.length > 0;
  await until("under fire", plan.seconds * 1000, async () => broken());
  const finished = senders.finish(plan.settleMs);
  await faults.stop();
  if (plan.resume) await sluiceCommand(["resume", "crm"], env);
  let allSent: boolean | undefined;
  void finished.then((all) => (allSent = all));
  await until("calm", plan.settleMs, async () => allSent !== undefined);
  await finished;
  await until("draining", plan.settleMs, async () => {
    const { waitingJobs, pending } = await readAccounts(admin);
    return waitingJobs === 0 && pending === 0;
  });
  await storeProxy.quiet();

  await watch.stop();
  const stored = new Map<string, ReadonlyMap<string, unknown>>();
  for (const object of objects) {
    for await (const { record, fields } of readRecords(store, object)) stored.set(record, fields);
  }
  const { events } = senders;
  const changes = events.flatMap((event) => event.changes);
  const dead = events.filter((event) => event.dead === 1).length;
  const accounts = await readAccounts(admin);
  return {
    seed,
    minutes: plan.seconds / 60,
    tookMs: performance.now() - startedAt,
    sending: senders.numbers,
    changes: changes.length + dead,
    faults: new Map<string, number>([...faults.dealt, ...Object.entries(storeProxy.dealt)]),
    endedByThemselves: fleet.reduce((sum, { endedByItself }) => sum + endedByItself, 0),
    sampled: watch.numbers.sampled,
    regressions: watch.regressions,
    comparison: compareRecords(expectedRecords(changes), stored),
    accounts,
    unaccounted: [...imbalances, ...unaccounted(accounts, changes.length + dead, dead)],
    letters: await lettersByReason(env),
    audit: await sluiceCommand(["audit"], env),
  };
}

/** How many dead letters there are of each code, and one reason in words. */
async function lettersByReason(env: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, Letters>> {
  const { output } = await sluiceCommand(["dead", "list", "--json"], env);
  const found = new Map<string, Letters>();
  for (const line of output.split("\n").filter((each) => each.startsWith("{"))) {
    const { reason } = JSON.parse(line) as { reason: { code: string; message: string } };
    const { count = 0, message = reason.message } = found.get(reason.code) ?? {};
    found.set(reason.code, { count: count + 1, message });
  }
  return found;
}

/** Null when it takes longer: progress is told even while Redis is frozen. */
async function within<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer | null> {
  return await Promise.race([
    answer.catch(() => null),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), ms)),
  ]);
}
