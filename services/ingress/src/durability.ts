import type { Ack, ServerState } from "@sluice/queue";

/** The worth of a 2xx of this door, for people who read `/readyz`. */
export function describeDurability(ack: Ack, { sync, replicas }: ServerState["facts"]): string {
  const server = `Redis ${SYNCS[sync]}, ${replicas} ${replicas === 1 ? "replica" : "replicas"} connected`;
  if (ack === "redis") return `a 2xx means that Redis has the event; ${server}`;
  if (ack === "fsync") return `a 2xx means that the event is on Redis' disk; ${server}`;
  return `a 2xx means that ${ack.replicas} ${ack.replicas === 1 ? "replica has" : "replicas have"} the event; ${server}`;
}

const SYNCS = {
  always: "syncs every write to its disk before it answers (appendfsync always)",
  everysec:
    "syncs to its disk each second: a power cut can lose the last two, and so can its own end while its disk is slow (appendfsync everysec)",
  no: "leaves it to its system when to write to the disk (appendfsync no)",
  snapshots: "has no append-only file, only snapshots: a crash loses what came after the last",
  never: "keeps nothing on its disk: a crash loses everything",
  unknown: "does not say when it syncs to its disk",
} as const satisfies Record<ServerState["facts"]["sync"], string>;

export function describeMemory({ facts, budgetBytes, pressed }: ServerState): string {
  const used = `${megabytes(facts.usedBytes)} used`;
  if (budgetBytes === null) return `${used}; Redis does not say how much it has`;
  const state = pressed ? "; nothing is admitted until it is 5 % below" : "";
  return `${used} of a budget of ${megabytes(budgetBytes)}${state}`;
}

/** The label of `sluice_ack_durability`. */
export function nameOfAck(ack: Ack): "redis" | "fsync" | "replicas" {
  return typeof ack === "string" ? ack : "replicas";
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
