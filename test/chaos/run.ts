import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, hasOwnPids, OWN_PIDS, startSluice } from "../sluice-process.ts";
import { imbalance, readAccounts, unaccounted } from "./accounts.ts";
import { compareRecords } from "./comparison.ts";
import { chaosConfiguration, DESTINATION_TIMEOUT_MS, SETTLE_AFTER_SILENCE_MS } from "./configuration.ts";
import { excusedBy } from "./excused.ts";
import { startFaults } from "./faults.ts";
import { history, OBJECTS, type SentEvent } from "./history.ts";
import { expectedRecords } from "./oracle.ts";
import { NeverError } from "./never.ts";
import { startMember, type Member, type Role } from "./processes.ts";
import { profileOf, type ProfileName } from "./profiles.ts";
import { createRandom } from "./random.ts";
import { startRedisProxy } from "./redis-proxy.ts";
import { clusterServers } from "./cluster-servers.ts";
import { ownServers, privateServer, type RedisServers } from "./redis-servers.ts";
import { standInSystem } from "./redis-system.ts";
import type { Letters, Result } from "./result.ts";
import { createRollout } from "./rollout.ts";
import { timelineOf } from "./timeline.ts";
import { startSenders } from "./senders.ts";
import { sluiceCommand } from "./sluice-command.ts";
import { startStoreProxy } from "./store-proxy.ts";
import { readRecords, type StoreAddress } from "./store-records.ts";
import { toldOf } from "./told.ts";
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
  /** The time between two faults, on average; faults of single requests to the store come besides. */
  readonly faultEveryMs: number;
  /** After the faults: how long everything may take to be acknowledged, and then to be written. */
  readonly settleMs: number;
  /** Whether an operator ends the destination's hold once the faults are over; else the hold ends when its time is over. */
  readonly resume: boolean;
  /** Whether the store checks fencing tokens. */
  readonly fences: boolean;
  readonly faults: ProfileName;
  /** Replicas that must have an event before it is acknowledged. */
  readonly replicas: number;
  /** Lanes of the destination. */
  readonly lanes: number;
  /** A Postgres server for the store; undefined: the embedded one. */
  readonly databaseUrl: string | undefined;
};

export type Progress = (line: string, last?: boolean) => void;

const PROGRESS_EVERY_MS = 2000;
const SHIFTED_CLOCK = fileURLToPath(new URL("shifted-clock.ts", import.meta.url));

/** One run: a fleet of processes, senders, faults; then calm, and the comparison. The run leaves nothing behind, stopped or not. */
export async function runChaos(plan: Plan, progress: Progress, stop?: AbortSignal): Promise<Result> {
  const startedAt = performance.now();
  const closing: (() => Promise<unknown> | void)[] = [];
  try {
    return await run(plan, progress, closing, startedAt, stop);
  } finally {
    // The last part that was started ends first; the servers outlive their users.
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
  const beganAtMs = Date.now();
  const chance = (stream: string) => createRandom(seed, stream);
  const folder = mkdtempSync(join(tmpdir(), "sluice-chaos-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));

  const profile = profileOf(plan.faults);
  const open = async (): Promise<RedisServers> => {
    if (profile.cluster === true) return await clusterServers();
    const isOwn = profile.ownRedis === true || plan.replicas > 0;
    return isOwn ? await ownServers(folder, standInSystem(folder)) : await privateServer(folder);
  };
  const servers = await open();
  closing.push(async () => await servers.stop());
  // A cluster's client is told the servers' own addresses.
  const redisProxy = servers.cluster === null ? await startRedisProxy(servers.url, chance("redis").next) : null;
  closing.push(async () => await redisProxy?.close());

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
  const env = {
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, "store"),
    SLUICE_RECORDS_TOKEN: store.token,
    SLUICE_REDIS_URL: redisProxy?.url ?? servers.url,
    ...(plan.databaseUrl === undefined ? {} : { SLUICE_DATABASE_URL: plan.databaseUrl }),
  };
  const shiftsClocks = plan.faults === "clocks";
  const clockOf = (port: number): string => join(folder, `clock-${port}`);
  const member = (role: Role, port: number): Member => {
    const clock = { NODE_OPTIONS: `--import=${SHIFTED_CLOCK}`, SLUICE_CHAOS_CLOCK: clockOf(port) };
    const started = startMember(role, port, { ...env, ...(shiftsClocks ? clock : {}) });
    closing.push(async () => await started.end());
    return started;
  };
  const fleet: Member[] = [];
  const rollout = createRollout({
    path: config,
    textOf: (destination, title) =>
      chaosConfiguration(storeProxy.url, store.token, {
        destination,
        title,
        replicas: plan.replicas,
        lanes: plan.lanes,
      }),
    members: () => fleet,
    env,
  });
  const records = member("records", storePort);
  await records.ready();
  const many = async (role: Role, count: number): Promise<Member[]> => {
    const ports = await Promise.all(Array.from({ length: count }, freePort));
    return ports.map((port) => member(role, port));
  };
  const ingresses = await many("ingress", plan.ingresses);
  const workers = await many("worker", plan.workers);
  fleet.push(...ingresses, ...workers);
  await Promise.all(fleet.map(async (each) => await each.ready()));
  progress(
    `${fleet.length} processes are ready; Redis: ${servers.program}; store: ${plan.databaseUrl ?? "PGlite"}`,
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
  let intruders = 0;
  const mayHaveOwnPids = hasOwnPids();
  const intrude = async (): Promise<void> => {
    const port = await freePort();
    intruders += 1;
    // Every second one comes as from another container, where the holder's pid means nothing.
    const through = mayHaveOwnPids && intruders % 2 === 1 ? OWN_PIDS : [];
    const other = startSluice(["records"], { ...env, SLUICE_RECORDS_PORT: String(port) }, { through });
    const word = await Promise.race([other.ended(), other.ready(port).then(() => "works" as const)]).catch(() => 1);
    if (word !== "works" && word !== 0) return;
    await other.end("SIGKILL");
    throw new NeverError("a second process began to work in a data directory that was held");
  };
  const faults = startFaults(
    {
      ingresses,
      workers,
      records: plan.databaseUrl === undefined ? null : records,
      redisProxy,
      storeProxy,
      servers,
      rollout,
      setClock: shiftsClocks
        ? (of, offMs) => writeFileSync(clockOf(Number(new URL(of.url).port)), String(offMs))
        : null,
      intrude,
    },
    profile,
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
        const isMoving = rollout.isRenaming;
        const accounts = await within(500, readAccounts(servers.books, rollout.destinations, plan.lanes));
        // Records that are being moved are in neither lane's books, or in both, for a moment.
        if (accounts !== null && !isMoving && !rollout.isRenaming) imbalances.push(...imbalance(accounts));
        say(phase, accounts?.pending);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  };

  const broken = (): boolean =>
    senders.numbers.wrong.length > 0 ||
    (watch.regressions.length > 0 && faults.losses.length === 0) ||
    imbalances.length > 0 ||
    faults.wrong.length > 0;
  await until("under fire", plan.seconds * 1000, async () => broken());
  const finished = senders.finish(plan.settleMs);
  await faults.stop();
  if (plan.resume) await sluiceCommand(["resume", rollout.destinations.at(-1)!], env);
  let allSent: boolean | undefined;
  void finished.then((all) => (allSent = all));
  await until("calm", plan.settleMs, async () => allSent !== undefined);
  await finished;
  await until("draining", plan.settleMs, async () => {
    const { waitingJobs, pending } = await readAccounts(servers.books, rollout.destinations, plan.lanes);
    return waitingJobs === 0 && pending === 0;
  });
  await storeProxy.quiet();

  await watch.stop();
  const stored = new Map<string, ReadonlyMap<string, unknown>>();
  for (const object of objects) {
    for await (const { record, fields } of readRecords(store, object)) stored.set(record, fields);
  }
  const { events, heard } = senders;
  const changes = events.flatMap((event) => event.changes);
  const deadOf = (all: readonly SentEvent[]): number => all.filter((event) => event.dead === 1).length;
  const dead = deadOf(events);
  const accounts = await readAccounts(servers.books, rollout.destinations, plan.lanes);
  const { losses } = faults;
  const doorEndsMs = ingresses.map(({ endedAtMs }) => endedAtMs);
  const madeGoodMs = ingresses.map(({ madeGoodAtMs }) => madeGoodAtMs);
  // A replica that must have what is acknowledged lacks nothing of it when it takes over.
  const costly = plan.replicas === 0 ? losses : losses.filter(({ kind }) => kind === "copy");
  const excused = excusedBy(costly, { events, heard, doorEndsMs, madeGoodMs });
  const comparison = compareRecords(expectedRecords(changes), stored, excused);
  const mayMissDead = deadOf(excused.events);
  const mayMiss = {
    changes: excused.events.flatMap((event) => event.changes).length + mayMissDead,
    dead: mayMissDead,
  };
  const mayRepeat = rollout.destinations.length === 1 ? 0 : senders.numbers.repeated + senders.numbers.unanswered;
  const mayGoBack = ({ record }: { readonly record: string }): boolean => !plan.fences && excused.touched.has(record);
  const told = await toldOf({ losses, heard, fleet, env });
  return {
    seed,
    minutes: plan.seconds / 60,
    again: again(plan),
    tookMs: performance.now() - startedAt,
    sending: senders.numbers,
    changes: changes.length + dead,
    faults: new Map<string, number>([...faults.dealt, ...Object.entries(storeProxy.dealt)]),
    wrong: [...faults.wrong, ...told.baseless],
    losses: losses.length,
    timeline: timelineOf({
      losses,
      events,
      heard,
      doorEndsMs,
      excused: excused.events,
      lines: [...comparison.lost, ...comparison.wrong],
      beganAtMs,
    }),
    excusedEvents: excused.events.length,
    untold: told.missing,
    endedByThemselves: [...fleet, records].flatMap(({ endedByItself }) => endedByItself),
    sampled: watch.numbers.sampled,
    excusedRegressions: watch.regressions.filter(mayGoBack).length,
    regressions: watch.regressions.filter((each) => !mayGoBack(each)).map(({ line }) => line),
    comparison,
    accounts,
    unaccounted: [
      ...imbalances,
      ...unaccounted(accounts, { changes: changes.length + dead, dead, mayMiss, mayRepeat }),
    ],
    letters: await lettersByReason(env),
    audit: await sluiceCommand(told.isTold ? ["audit", "--seen"] : ["audit"], env),
  };
}

/** The command that repeats the run. */
function again({ seed, seconds, faults, fences, replicas, lanes }: Plan): string {
  const more = [
    faults === "usual" ? "" : ` --faults ${faults}`,
    fences || profileOf(faults).unfenced === true ? "" : " --unfenced",
    replicas === 0 ? "" : ` --replicas ${replicas}`,
    lanes === 1 ? "" : ` --lanes ${lanes}`,
  ];
  return `pnpm chaos --seed ${seed} --minutes ${(seconds / 60).toFixed(1)}${more.join("")}`;
}

/** The number of dead letters of each code, and one reason in words. */
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

/** The answer; null when it takes longer: progress is told even while Redis is frozen. */
async function within<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer | null> {
  return await Promise.race([
    answer.catch(() => null),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), ms)),
  ]);
}
