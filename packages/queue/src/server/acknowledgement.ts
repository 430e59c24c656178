import type { Redis } from "ioredis";
import { ACK_TIMEOUT_MS } from "../limits.ts";
import { ownerOf } from "../connection/owner.ts";
import type { ServerFacts } from "./server.ts";

/**
 * The condition for a 2xx to a webhook's sender. `redis`: Redis carried the write out, and its own settings say what
 * that is worth; `fsync`: the write is on Redis' disk; `replicas`: so many replicas have it.
 */
export type Ack = "redis" | "fsync" | { readonly replicas: number };

/** Writes to Redis that count only once they are kept as `ack` asks. */
export type Acknowledgement = {
  /** The connection of these writes: a command that waits for a disk or a replica blocks it. */
  readonly redis: Redis;
  /** Resolves when the writes of `write`, to keys of the tag, are kept as `ack` asks. Rejects if they are not, in time. */
  confirm<T>(tag: string, write: () => Promise<T>): Promise<T>;
};

export function createAcknowledgement(redis: Redis, ack: Ack): Acknowledgement {
  if (ack === "redis") return { redis, confirm: async (_tag, write) => await write() };
  const [needed, question] =
    ack === "fsync"
      ? [1, ["WAITAOF", 1, 0, ACK_TIMEOUT_MS] as const]
      : [ack.replicas, ["WAIT", ack.replicas, ACK_TIMEOUT_MS] as const];
  return {
    redis,
    async confirm(tag, write) {
      const before = ownerOf(redis, tag);
      const answer = await write();
      // The question goes behind the answer, to the same server over the same connection: Redis confirms the writes that this
      // connection made before it, and another server of a cluster knows nothing of them.
      const owner = ownerOf(redis, tag);
      if (owner !== before)
        throw new Error(`the keys of ${tag} moved to another server before the write was confirmed`);
      const [command, ...args] = question;
      const told = await owner.call(command, ...args);
      const kept = Number(Array.isArray(told) ? told[0] : told);
      if (kept >= needed) return answer;
      throw new Error(`${command} confirmed ${kept} of ${needed} within ${ACK_TIMEOUT_MS} ms`);
    },
  };
}

/** Redis can't do what `ack` asks for. */
export class AckUnsupportedError extends Error {
  readonly code = "ack_unsupported";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = "AckUnsupportedError";
    this.hint = hint;
  }
}

/** @throws AckUnsupportedError `ack: fsync` needs Redis 7.2 and an append-only file that it syncs */
export function assertSupported(ack: Ack, { version, sync, isValkey }: ServerFacts): void {
  if (ack !== "fsync") return;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 7 || (major === 7 && minor < 2)) {
    throw new AckUnsupportedError(
      `\`ack: fsync\` needs Redis 7.2 or newer, this one is ${version}`,
      "take a newer Redis, or `ack: redis` with `appendfsync always` in its redis.conf, which gives the same",
    );
  }
  // Seen with Valkey 8.1 and 9.1: the answer comes before the disk has it.
  if (isValkey && sync === "everysec") {
    throw new AckUnsupportedError(
      "`ack: fsync` can't be kept on a Valkey with `appendfsync everysec`: its WAITAOF answers before the sync",
      "run `valkey-cli CONFIG SET appendfsync always` there and put the same into its valkey.conf; `ack: redis` is enough then",
    );
  }
  if (sync === "no") {
    throw new AckUnsupportedError(
      "`ack: fsync` needs a Redis that syncs by itself, and this one leaves it to its system (appendfsync no)",
      "run `redis-cli CONFIG SET appendfsync everysec` there, or `always`, and put the same into its redis.conf",
    );
  }
  if (sync === "snapshots" || sync === "never") {
    throw new AckUnsupportedError(
      "`ack: fsync` needs a Redis with an append-only file, and this one has none",
      "run `redis-cli CONFIG SET appendonly yes` there and put `appendonly yes` into its redis.conf",
    );
  }
}
