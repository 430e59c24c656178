import type { Redis } from "ioredis";
import { NeverError } from "./never.ts";
import type { Member } from "./processes.ts";
import { CLUSTER_TAGS } from "./cluster-servers.ts";
import { FAULT_KINDS, type FaultKind, type Profile } from "./profiles.ts";
import type { Random } from "./random.ts";
import type { RedisProxy } from "./redis-proxy.ts";
import type { Loss, RedisServers } from "./redis-servers.ts";
import type { Rollout } from "./rollout.ts";
import type { StoreProxy, Weather } from "./store-proxy.ts";

/** The parts that faults may break. */
export type Victims = {
  readonly ingresses: readonly Member[];
  readonly workers: readonly Member[];
  /** Null: the store keeps its database inside, and there is no database server that can be left alone. */
  readonly records: Member | null;
  /** Null: the fleet works with a cluster. */
  readonly redisProxy: RedisProxy | null;
  readonly storeProxy: StoreProxy;
  readonly servers: RedisServers;
  readonly rollout: Rollout;
  /** Sets a process' clock; null: each has the system's. */
  readonly setClock: ((member: Member, offMs: number) => void) | null;
  /** Begins a second process on a data directory that is held. Resolves when it has given up; rejects when it began to work. */
  readonly intrude: () => Promise<void>;
};

export type Schedule = {
  readonly dealt: ReadonlyMap<FaultKind, number>;
  /** Each time that the state in Redis went back. */
  readonly losses: readonly Loss[];
  /** Findings of faults that must never be. */
  readonly wrong: readonly string[];
  /** Deals no more faults, and resolves when every dealt fault is over. */
  stop(): Promise<void>;
};

/**
 * Deals a fault every `everyMs` on average, of any kind that weighs something, several at a time where they last. `first`: the kinds
 * that it begins with.
 */
export function startFaults(
  victims: Victims,
  { weights: wanted, first = [] }: Pick<Profile, "weights" | "first">,
  random: Random,
  everyMs: number,
): Schedule {
  const dealt = new Map<FaultKind, number>();
  const losses: Loss[] = [];
  const wrong: string[] = [];
  const lasting = new Set<Promise<void>>();
  const weights = possible(victims, wanted);
  /** While a cluster is under a fault, it is left to its failover. */
  const { cluster } = victims.servers;
  const beside = Object.fromEntries(
    Object.entries(weights).map(([kind, weight]) => [kind, IN_TURN.has(kind as FaultKind) ? 0 : weight]),
  ) as Record<FaultKind, number>;
  const opening = first.filter((kind) => weights[kind] > 0);
  let timer: NodeJS.Timeout;
  victims.storeProxy.weather = "fair";

  const dealOne = (): void => {
    const isBusy = cluster?.isBusy === true;
    const kind = (isBusy ? undefined : opening.shift()) ?? random.weighted(isBusy ? beside : weights);
    dealt.set(kind, (dealt.get(kind) ?? 0) + 1);
    const fault: Promise<void> = deal(kind, victims, random, losses)
      // A fault that finds its victim down already does nothing.
      .catch((error: unknown) => void (error instanceof NeverError && wrong.push(error.message)))
      .finally(() => lasting.delete(fault));
    lasting.add(fault);
    timer = setTimeout(dealOne, random.whole(everyMs * 0.3, everyMs * 1.7));
  };
  timer = setTimeout(dealOne, everyMs);

  return {
    dealt,
    losses,
    wrong,
    async stop() {
      clearTimeout(timer);
      await Promise.allSettled(lasting);
      victims.storeProxy.weather = "clear";
    },
  };
}

/** Faults of a cluster that come one after the other. */
const IN_TURN: ReadonlySet<FaultKind> = new Set([
  "a master killed",
  "a master killed whose replica lags",
  "a master frozen",
  "a replica frozen",
  "a slot moved",
]);
const THROUGH_PROXY = [
  "Redis connections cut",
  "Redis answers lost",
  "Redis stalled",
  "Redis refuses connections",
] as const;

/** The wanted faults without those that can't be dealt here. */
function possible(
  { servers, records, redisProxy, setClock }: Victims,
  wanted: Partial<Record<FaultKind, number>>,
): Record<FaultKind, number> {
  const none = new Set<FaultKind>([
    ...(servers.takesSignals ? [] : (["Redis killed", "Redis frozen"] as const)),
    ...(servers.admin === null ? (["Redis full", "Redis read-only", "Redis paused for writes"] as const) : []),
    ...(redisProxy === null ? THROUGH_PROXY : []),
    ...(servers.cluster === null ? [...IN_TURN, "a server's connections cut" as const] : []),
    ...(records === null ? (["store process killed"] as const) : []),
    ...(servers.succession === null ? (["failover to a replica that lags", "an older copy put back"] as const) : []),
    ...(servers.system === null ? (["Redis' clock moved", "disk slow", "disk full"] as const) : []),
    ...(setClock === null ? (["a door's clock moved", "a worker's clock moved"] as const) : []),
  ]);
  const weights = FAULT_KINDS.map((kind) => [kind, none.has(kind) ? 0 : (wanted[kind] ?? 0)] as const);
  return Object.fromEntries(weights) as Record<FaultKind, number>;
}

async function deal(kind: FaultKind, victims: Victims, random: Random, losses: Loss[]): Promise<void> {
  const { ingresses, workers, records, storeProxy, servers } = victims;
  const admin = servers.admin!;
  const redisProxy = victims.redisProxy!;
  const cluster = servers.cluster!;
  const lead = (url: string): void => {
    redisProxy.leadTo(url);
    redisProxy.cut(1);
  };
  switch (kind) {
    case "ingress killed":
      return random.pick(ingresses).kill();
    case "ingress frozen":
      return await frozen(random.pick(ingresses), random.whole(200, 4000));
    case "worker killed":
      return random.pick(workers).kill();
    case "worker frozen":
      // A worker is often frozen for longer than its leases last.
      return await frozen(random.pick(workers), random.whole(300, 12_000));
    case "store process killed":
      return records?.kill();
    case "Redis killed":
      return void process.kill(await serverPid(admin), "SIGKILL");
    case "Redis frozen": {
      const pid = await serverPid(admin);
      process.kill(pid, "SIGSTOP");
      await later(random.whole(200, 7000));
      return void process.kill(pid, "SIGCONT");
    }
    case "Redis connections cut":
      return redisProxy.cut(random.pick([0.2, 0.5, 1]));
    case "Redis answers lost":
      return await redisProxy.loseAnswers(random.whole(5, 1500));
    case "Redis stalled":
      return await redisProxy.stall(random.whole(200, 6000));
    case "Redis refuses connections":
      return await redisProxy.refuse(random.whole(200, 3000));
    case "Redis full": {
      await admin.config("SET", "maxmemory", "1");
      await later(random.whole(200, 2000));
      return void (await admin.config("SET", "maxmemory", "0"));
    }
    case "Redis read-only": {
      // The server becomes a replica of nobody, as after a failover to the wrong side.
      await admin.replicaof("127.0.0.1", "1");
      await later(random.whole(200, 2000));
      return void (await admin.replicaof("NO", "ONE"));
    }
    case "Redis paused for writes":
      return void (await admin.client("PAUSE", random.whole(200, 3000), "WRITE"));
    case "store: storm":
    case "store: slow":
    case "store: throttled":
    case "store: down":
    case "store: late": {
      const [, word = ""] = /^store: (\w+)/.exec(kind) ?? [];
      storeProxy.weather = word as Weather;
      await later(random.whole(300, kind === "store: slow" || kind === "store: late" ? 5000 : 2000));
      return void (storeProxy.weather = "fair");
    }
    case "failover to a replica that lags":
      return void losses.push(await servers.succession!.failOver(random.whole(200, 2500), lead));
    case "an older copy put back":
      return void losses.push(await servers.succession!.putBack(random.whole(1000, 20_000), lead));
    case "Redis' clock moved": {
      servers.system!.setClock(offMs(random, 150_000));
      await later(random.whole(1000, 15_000));
      return servers.system!.setClock(0);
    }
    case "a door's clock moved":
      // Signatures are good for five minutes.
      return await shifted(victims, random.pick(ingresses), random, 240_000);
    case "a worker's clock moved":
      return await shifted(victims, random.pick(workers), random, 600_000);
    case "disk slow": {
      servers.system!.setSync(random.pick([30, 200, 1900]));
      await later(random.whole(1000, 5000));
      return servers.system!.setSync(0);
    }
    case "disk full": {
      servers.system!.setFull(true);
      await later(random.whole(200, 2500));
      return servers.system!.setFull(false);
    }
    case "a second holder of the directory":
      return await victims.intrude();
    case "configuration read again":
      return victims.rollout.reread();
    case "destination renamed":
      return await victims.rollout.rename();
    case "a master killed":
      return void losses.push(await cluster.kill(random.pick(CLUSTER_TAGS), 0, random.whole(300, 5000)));
    case "a master killed whose replica lags":
      return void losses.push(
        await cluster.kill(random.pick(CLUSTER_TAGS), random.whole(200, 2500), random.whole(300, 5000)),
      );
    case "a master frozen": {
      const loss = await cluster.freezeMaster(random.pick(CLUSTER_TAGS), random.whole(300, 9000));
      return void (loss !== null && losses.push(loss));
    }
    case "a replica frozen":
      return await cluster.freezeReplica(random.pick(CLUSTER_TAGS), random.whole(300, 7000));
    case "a slot moved":
      return await cluster.moveSlot(random.pick(CLUSTER_TAGS), random.whole(0, 2000));
    case "a server's connections cut":
      return await cluster.cut(random.pick(CLUSTER_TAGS));
  }
}

/** The clock's shift, in either direction, by a tenth of the most at least. */
function offMs(random: Random, mostMs: number): number {
  return random.whole(mostMs / 10, mostMs) * random.pick([-1, 1]);
}

async function shifted({ setClock }: Victims, member: Member, random: Random, mostMs: number): Promise<void> {
  setClock!(member, offMs(random, mostMs));
  await later(random.whole(1000, 15_000));
  setClock!(member, 0);
}

async function frozen(member: Member, forMs: number): Promise<void> {
  member.freeze();
  await later(forMs);
  member.thaw();
}

async function serverPid(admin: Redis): Promise<number> {
  const pid = Number(/^process_id:(\d+)/m.exec(await admin.info("server"))?.[1]);
  if (!Number.isInteger(pid) || pid < 2) throw new Error("Redis does not say which process it is");
  return pid;
}

async function later(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
