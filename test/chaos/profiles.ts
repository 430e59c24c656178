/** Everything that may be broken. */
export const FAULT_KINDS = [
  "ingress killed",
  "ingress frozen",
  "worker killed",
  "worker frozen",
  "store process killed",
  "Redis killed",
  "Redis frozen",
  "Redis connections cut",
  "Redis answers lost",
  "Redis stalled",
  "Redis refuses connections",
  "Redis full",
  "Redis read-only",
  "Redis paused for writes",
  "store: storm",
  "store: slow",
  "store: throttled",
  "store: down",
  "store: late",
  "failover to a replica that lags",
  "an older copy put back",
  "Redis' clock moved",
  "a door's clock moved",
  "a worker's clock moved",
  "disk slow",
  "disk full",
  "a second holder of the directory",
  "configuration read again",
  "destination renamed",
  "a master killed",
  "a master killed whose replica lags",
  "a master frozen",
  "a replica frozen",
  "a slot moved",
  "a server's connections cut",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export type ProfileName = keyof typeof PROFILES;

export type Profile = {
  /** A description for people. */
  readonly about: string;
  /** Fault kinds by weight; a kind that is not named is not dealt. */
  readonly weights: Partial<Record<FaultKind, number>>;
  /** Faults that are dealt first, one after the other: a short run may never come to a seldom one. */
  readonly first?: readonly FaultKind[];
  /** Whether the run's own Redis servers are needed: two of them, whose clock and disk are in its hands. */
  readonly ownRedis?: true;
  /** The store checks no fencing token. */
  readonly unfenced?: true;
  /** The fleet works with a Redis Cluster. */
  readonly cluster?: true;
};

/** Some faults that every fleet lives with, beside those that a profile is about. */
const BESIDE = {
  "ingress killed": 1,
  "worker killed": 1,
  "worker frozen": 1,
  "Redis killed": 0.5,
  "Redis connections cut": 1,
  "store: storm": 0.5,
} as const;

export const PROFILES = {
  usual: {
    about: "processes, Redis, its connections, the store",
    weights: {
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
      // Storms are few and short: after each the destination is held a while, and held records exercise nothing.
      "store: storm": 1,
      "store: slow": 2,
      "store: throttled": 1,
      "store: down": 1,
    },
  },
  state: {
    about: "failovers to a replica that lags, and older copies of Redis' files put back",
    weights: { ...BESIDE, "failover to a replica that lags": 3, "an older copy put back": 2 },
    first: ["failover to a replica that lags", "an older copy put back"],
    ownRedis: true,
  },
  clocks: {
    about: "clocks of Redis, doors and workers moved by minutes, both ways",
    weights: { ...BESIDE, "Redis' clock moved": 3, "a door's clock moved": 3, "a worker's clock moved": 3 },
    ownRedis: true,
  },
  disk: {
    about: "a disk that is slow, or full, and a second process that wants the data directory",
    weights: { ...BESIDE, "disk slow": 3, "disk full": 2, "a second holder of the directory": 0.7 },
    first: ["a second holder of the directory", "a second holder of the directory"],
    ownRedis: true,
  },
  configuration: {
    about: "the configuration read again, and the destination renamed and moved, under load",
    weights: { ...BESIDE, "configuration read again": 3, "destination renamed": 1 },
    first: ["destination renamed"],
  },
  late: {
    about: "a store that checks no token, answers 504 and writes later",
    weights: { ...BESIDE, "store: late": 5 },
    unfenced: true,
  },
  cluster: {
    about:
      "a Redis Cluster of three masters and their replicas: masters killed and failed over, also to a replica that lags, servers frozen, slots moved",
    weights: {
      ...BESIDE,
      "ingress frozen": 0.5,
      "a master killed": 2,
      "a master killed whose replica lags": 2,
      "a master frozen": 1.5,
      "a replica frozen": 1.5,
      "a slot moved": 3,
      "a server's connections cut": 1,
    },
    first: ["a slot moved", "a master killed", "a replica frozen", "a master killed whose replica lags"],
    cluster: true,
  },
} as const satisfies Record<string, Profile>;

export function profileOf(name: ProfileName): Profile {
  return PROFILES[name];
}
