import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { createLog, startRedis } from "@sluice/runtime";
import type { Tree } from "../bench/tree.ts";
import { imbalance, readAccounts, type Accounts } from "../chaos/accounts.ts";
import { compareRecords } from "../chaos/comparison.ts";
import { chaosConfiguration } from "../chaos/configuration.ts";
import { history, OBJECTS } from "../chaos/history.ts";
import { expectedRecords } from "../chaos/oracle.ts";
import { createRandom } from "../chaos/random.ts";
import { sluiceCommand } from "../chaos/sluice-command.ts";
import { readRecords, type StoreAddress } from "../chaos/store-records.ts";
import { startWatch } from "../chaos/watch.ts";
import { freePort, startSluice } from "../sluice-process.ts";
import { startSender } from "./sender.ts";

/** How large a trial is. */
export type Trial = {
  readonly seed: number;
  /** The release before, and the present one. */
  readonly before: Tree;
  readonly now: Tree;
  /** A folder for the state of the run. */
  readonly folder: string;
  readonly records: number;
  readonly eventsPerSecond: number;
  /** Events that are acknowledged between two steps. */
  readonly eventsPerStep: number;
};

/** The faults that were found; none, if all is well. */
export type Found = readonly string[];

type Role = "ingress" | "worker" | "records";
type Running = { readonly name: string; readonly url: string; stop(): Promise<void> };

const DRAIN_DEADLINE_MS = 120_000;
const LOOK_MS = 50;
const SHOWN = 10;

/**
 * The upgrade as the documentation tells it, workers first, and the way back, doors first, under a steady sender. `tell` hears of each step.
 */
export async function tryUpgrade(trial: Trial, tell: (line: string) => void): Promise<Found> {
  const closing: (() => Promise<unknown> | void)[] = [];
  try {
    return await run(trial, tell, closing);
  } finally {
    // The last part that was started ends first; the servers outlive their users.
    for (const close of closing.toReversed()) await Promise.resolve(close()).catch(() => {});
  }
}

async function run(
  { seed, before, now, folder, records, eventsPerSecond, eventsPerStep }: Trial,
  tell: (line: string) => void,
  closing: (() => Promise<unknown> | void)[],
): Promise<Found> {
  const found: string[] = [];
  const log = createLog({ role: "upgrade", level: "silent" });
  const redis = await startRedis({ dataDir: join(folder, "queue"), env: process.env, log });
  closing.push(async () => await redis.stop());
  const admin = new Redis(redis.url);
  closing.push(() => admin.disconnect());

  const store: StoreAddress = { url: `http://127.0.0.1:${await freePort()}`, token: randomUUID() };
  const config = join(folder, "sluice.yaml");
  // Settings that the release before does not know have to be left out until that release is gone.
  writeFileSync(
    config,
    chaosConfiguration(store.url, store.token).replace(/\n *(?:settle_after_silence|lanes):.*/g, ""),
  );
  const env = {
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, "store"),
    SLUICE_RECORDS_TOKEN: store.token,
    SLUICE_REDIS_URL: redis.url,
    SLUICE_LOG: "warn",
  };
  const start = async (role: Role, tree: Tree, at?: string): Promise<Running> => {
    const port = at === undefined ? await freePort() : Number(new URL(at).port);
    const name = `${role} of ${tree === now ? "this release" : "the release before"}`;
    const started = startSluice(
      [role],
      { ...env, [`SLUICE_${role.toUpperCase()}_PORT`]: String(port) },
      { tree: tree.directory },
    );
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      const code = await started.end("SIGTERM");
      if (code !== 0) found.push(`${name} ended with ${code}: ${started.output().slice(-1000)}`);
    };
    closing.push(stop);
    await started.ready(port);
    return { name, url: `http://127.0.0.1:${port}`, stop };
  };
  await start("records", now, store.url);

  const objects = OBJECTS.map(({ key }) => key);
  const watch = startWatch(store, objects);
  closing.push(async () => await watch.stop());
  const sender = startSender(history(seed, records), eventsPerSecond, createRandom(seed, "sender"));
  closing.push(async () => await sender.end());

  const openDoor = async (tree: Tree): Promise<Running> => {
    const door = await start("ingress", tree);
    sender.open(door.url);
    return door;
  };
  const closeDoor = async (door: Running): Promise<void> => {
    sender.stopping(door.url);
    await door.stop();
    await sender.close(door.url);
  };
  /** Carries some load through a step, and looks at the books. */
  const carry = async (step: string): Promise<void> => {
    sender.resume();
    const end = sender.numbers.acknowledged + eventsPerStep;
    while (sender.numbers.acknowledged < end && sender.numbers.wrong.length === 0) {
      found.push(...imbalance(await readAccounts(admin)).map((line) => `${step}: ${line}`));
      await wait(LOOK_MS);
    }
    const { acknowledged, refusedByStopping } = sender.numbers;
    const { pending, waitingJobs } = await readAccounts(admin);
    tell(
      `${step}: acknowledged ${acknowledged}, pending ${pending}, waiting jobs ${waitingJobs}, refused by a stopping door ${refusedByStopping}`,
    );
  };
  const settled = async (step: string, done: (accounts: Accounts) => boolean): Promise<void> => {
    const end = performance.now() + DRAIN_DEADLINE_MS;
    for (;;) {
      const accounts = await readAccounts(admin);
      if (done(accounts)) return;
      if (performance.now() > end) {
        found.push(`${step}: not so after ${DRAIN_DEADLINE_MS} ms: ${JSON.stringify(accounts)}`);
        return;
      }
      await wait(LOOK_MS);
    }
  };
  const says = async (door: Running, wanted: boolean): Promise<void> => {
    const said = await (await fetch(`${door.url}/readyz`)).text();
    const words = wanted ? "a living worker has this configuration" : "NO living worker has this configuration";
    if (!said.includes(words)) found.push(`/readyz of a new door does not say "${words}": ${said}`);
    else tell(`/readyz of the new door: ${words}`);
  };
  const compare = async (step: string, tree: Tree, repetitions: number): Promise<void> => {
    await sender.pause();
    await settled(step, ({ pending, waitingJobs }) => pending === 0 && waitingJobs === 0);
    const accounts = await readAccounts(admin);
    const changes = sender.events.flatMap((event) => event.changes);
    const stored = new Map<string, ReadonlyMap<string, unknown>>();
    for (const object of objects) {
      for await (const { record, fields } of readRecords(store, object)) stored.set(record, fields);
    }
    const { lost, wrong, fields } = compareRecords(expectedRecords(changes), stored);
    const audit = await sluiceCommand(["audit"], env, tree.directory);
    const dead = sender.events.reduce((sum, event) => sum + event.dead, 0);
    const sent = changes.length + dead;
    const lines = [
      ...lost.slice(0, SHOWN).map((line) => `lost: ${line}`),
      ...wrong.slice(0, SHOWN).map((line) => `wrong: ${line}`),
      ...imbalance(accounts),
      ...(accounts.due === 0 ? [] : [`${accounts.due} records are still due`]),
      ...(audit.ok ? [] : [`sluice audit: ${audit.output}`]),
      ...(accounts.accepted < sent || accounts.accepted > sent + repetitions
        ? [`${accounts.accepted} changes were accepted, ${sent} were sent and ${repetitions} may count again`]
        : []),
    ];
    found.push(...lines.map((line) => `${step}: ${line}`));
    tell(
      `${step}: ${fields} fields compared, ${lost.length} lost, ${wrong.length} wrong; accepted ${accounts.accepted} of ${sent} sent; ` +
        `${Object.entries(accounts.outcomes)
          .map(([outcome, count]) => `${outcome} ${count}`)
          .join(", ")}; audit ${audit.ok ? "clean" : "NOT clean"}`,
    );
  };
  const repeatedChanges = (from = 0): number =>
    sender.repeated.slice(from).reduce((sum, { changes, dead }) => sum + changes.length + dead, 0);

  const oldDoor = await openDoor(before);
  const oldWorker = await start("worker", before);
  await carry("the release before alone");
  const early = await start("ingress", now);
  await says(early, false);
  await early.stop();

  const newWorker = await start("worker", now);
  await carry("new worker beside the old one");
  await oldWorker.stop();
  await carry("old worker stopped");
  await compare("workers upgraded", now, 0);
  const exact = sender.repeated.length;
  const newDoor = await openDoor(now);
  await says(newDoor, true);
  await carry("new door beside the old one");
  await closeDoor(oldDoor);
  await carry("old door stopped");
  await compare("upgraded", now, repeatedChanges(exact));

  const oldDoorAgain = await openDoor(before);
  await carry("old door beside the new one");
  await closeDoor(newDoor);
  await settled("intake", ({ waitingJobs }) => waitingJobs === 0);
  const oldWorkerAgain = await start("worker", before);
  await carry("old worker beside the new one");
  await newWorker.stop();
  await carry("new worker stopped");
  await compare("back", before, repeatedChanges(exact));
  await closeDoor(oldDoorAgain);
  await oldWorkerAgain.stop();
  await sender.end();

  found.push(...sender.numbers.wrong.slice(0, SHOWN), ...watch.regressions.slice(0, SHOWN).map(({ line }) => line));
  tell(
    `${sender.events.length} events sent, ${sender.repeated.length} of them twice; ${watch.numbers.sampled} records sampled`,
  );
  return found;
}
