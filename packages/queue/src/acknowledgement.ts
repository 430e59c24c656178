import { setImmediate as oneTurn } from "node:timers/promises";
import type { Redis } from "ioredis";
import { ACK_TIMEOUT_MS, GROUPS_PER_CONFIRMATION } from "./limits.ts";
import type { ServerFacts } from "./server.ts";

/**
 * What must have happened to an admission before its sender hears a 2xx. `redis`: Redis carried it out, and its own
 * settings say what that is worth; `fsync`: it is on Redis' disk; `replicas`: so many replicas have it.
 */
export type Ack = "redis" | "fsync" | { readonly replicas: number };

/** How admissions are written so that they may be acknowledged. */
export type Acknowledgement = {
  /** The connection that they go through: what waits for a disk or a replica blocks it. */
  readonly redis: Redis;
  /** Groups of admissions that share one confirmation, because another waits as long as one. */
  readonly groups: number;
  /** Sends what `write` sends and the question whether it is kept, in one round trip. Rejects if it is not, in time. */
  confirm<T>(write: () => Promise<T>): Promise<T>;
  /** The same for writes that are not sent at once: asked when they were answered. */
  confirmAfter<T>(write: () => Promise<T>): Promise<T>;
};

export function createAcknowledgement(redis: Redis, ack: Ack): Acknowledgement {
  if (ack === "redis") {
    return { redis, groups: 1, confirm: async (write) => await write(), confirmAfter: async (write) => await write() };
  }
  const [needed, question] =
    ack === "fsync"
      ? [1, ["WAITAOF", 1, 0, ACK_TIMEOUT_MS] as const]
      : [ack.replicas, ["WAIT", ack.replicas, ACK_TIMEOUT_MS] as const];
  async function ask(isWritten: () => boolean): Promise<void> {
    const [command, ...args] = question;
    const answer = await redis.call(command, ...args);
    const kept = Number(Array.isArray(answer) ? answer[0] : answer);
    if (kept < needed) throw new Error(`${command} confirmed ${kept} of ${needed} within ${ACK_TIMEOUT_MS} ms`);
    // Redis answers in order, and confirms what came before. A script that it had forgotten is sent again, behind the
    // question: then the answer was not about it.
    await oneTurn();
    if (!isWritten()) throw new Error(`${command} was answered before the write`);
  }
  return {
    redis,
    groups: GROUPS_PER_CONFIRMATION,
    async confirm(write) {
      let written = false;
      const writing = write().then((answer) => {
        written = true;
        return answer;
      });
      const [answer] = await Promise.all([writing, ask(() => written)]);
      return answer;
    },
    async confirmAfter(write) {
      const answer = await write();
      await ask(() => true);
      return answer;
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
export function assertSupported(ack: Ack, { version, sync }: ServerFacts): void {
  if (ack !== "fsync") return;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 7 || (major === 7 && minor < 2)) {
    throw new AckUnsupportedError(
      `\`ack: fsync\` needs Redis 7.2 or newer, this one is ${version}`,
      "take a newer Redis, or `ack: redis` with `appendfsync always` in its redis.conf, which gives the same",
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
