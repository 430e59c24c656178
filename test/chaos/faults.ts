import type { Redis } from "ioredis";
import type { Member } from "./processes.ts";
import type { Random } from "./random.ts";
import type { RedisProxy } from "./redis-proxy.ts";
import type { StoreProxy, Weather } from "./store-proxy.ts";

/** What may be broken. */
export type Victims = {
  readonly ingresses: readonly Member[];
  readonly workers: readonly Member[];
  /** Null: it keeps its database inside, which is no database server that can be left alone. */
  readonly records: Member | null;
  readonly redisProxy: RedisProxy;
  readonly storeProxy: StoreProxy;
  /** A connection to Redis that no fault touches. */
  readonly admin: Redis;
  /** Whether the Redis server is a process here, that signals reach and that is started again when it ends. */
  readonly redisTakesSignals: boolean;
};

export type FaultKind = keyof typeof KINDS;

/** By weight. */
const KINDS = {
  "ingress killed": 3,
  "ingress frozen": 3,
  "worker killed": 4,
  "worker frozen": 5,
  "store process killed": 0.5,
  "Redis killed": 2,
  "Redis frozen": 2,
  "Redis connections cut": 4,
  "Redis answers lost": 4,
  "Redis stalled": 2,
  "Redis refuses connections": 1,
  "Redis full": 1,
  "Redis read-only": 1,
  "Redis paused for writes": 1,
  // Few and short: after each the destination is held a while, and what is held exercises nothing.
  "store: storm": 1,
  "store: slow": 2,
  "store: throttled": 1,
  "store: down": 1,
} as const;

export type Schedule = {
  readonly dealt: ReadonlyMap<FaultKind, number>;
  /** Deals no more, and resolves when every fault that was dealt is over. */
  stop(): Promise<void>;
};

/** Deals a fault every `everyMs` on average, of any kind, several at a time where they last. */
export function startFaults(victims: Victims, random: Random, everyMs: number): Schedule {
  const dealt = new Map<FaultKind, number>();
  const lasting = new Set<Promise<void>>();
  const { redisTakesSignals, records } = victims;
  const weights: Record<FaultKind, number> = {
    ...KINDS,
    ...(redisTakesSignals ? {} : { "Redis killed": 0, "Redis frozen": 0 }),
    ...(records === null ? { "store process killed": 0 } : {}),
  };
  let timer: NodeJS.Timeout;
  victims.storeProxy.weather = "fair";

  const dealOne = (): void => {
    const kind = random.weighted(weights);
    dealt.set(kind, (dealt.get(kind) ?? 0) + 1);
    const fault: Promise<void> = deal(kind, victims, random)
      // A fault that finds its victim down already has nothing to do.
      .catch(() => {})
      .finally(() => lasting.delete(fault));
    lasting.add(fault);
    timer = setTimeout(dealOne, random.whole(everyMs * 0.3, everyMs * 1.7));
  };
  timer = setTimeout(dealOne, everyMs);

  return {
    dealt,
    async stop() {
      clearTimeout(timer);
      await Promise.allSettled(lasting);
      victims.storeProxy.weather = "clear";
    },
  };
}

async function deal(kind: FaultKind, victims: Victims, random: Random): Promise<void> {
  const { ingresses, workers, records, redisProxy, storeProxy, admin } = victims;
  switch (kind) {
    case "ingress killed":
      return random.pick(ingresses).kill();
    case "ingress frozen":
      return await frozen(random.pick(ingresses), random.whole(200, 4000));
    case "worker killed":
      return random.pick(workers).kill();
    case "worker frozen":
      // Often for longer than its leases last.
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
      // A replica of nobody, as after a failover to the wrong side.
      await admin.replicaof("127.0.0.1", "1");
      await later(random.whole(200, 2000));
      return void (await admin.replicaof("NO", "ONE"));
    }
    case "Redis paused for writes":
      return void (await admin.client("PAUSE", random.whole(200, 3000), "WRITE"));
    case "store: storm":
    case "store: slow":
    case "store: throttled":
    case "store: down": {
      const [, word = ""] = /^store: (\w+)/.exec(kind) ?? [];
      storeProxy.weather = word as Weather;
      await later(random.whole(300, kind === "store: slow" ? 5000 : 2000));
      return void (storeProxy.weather = "fair");
    }
  }
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
