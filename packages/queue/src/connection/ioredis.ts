import { once } from "node:events";
import { createRequire } from "node:module";
import type { Cluster, Redis } from "ioredis";
import { CLUSTER_ENDS_WITHIN_MS } from "../limits.ts";

const load = createRequire(import.meta.url);
let library: typeof import("ioredis") | undefined;

/** The client of Redis is loaded with the first connection: commands that ask no Redis load this package too. */
export function ioredis(): typeof import("ioredis") {
  if (library === undefined) {
    library = load("ioredis") as typeof import("ioredis");
    hearAsking(library.Redis.prototype);
    settleEarlyCommands(library.Redis.prototype);
    endBetweenAttempts(library.Redis.prototype);
    endBetweenAttempts(library.Cluster.prototype);
    endClusters(library.Cluster.prototype);
    settleConnecting(library.Cluster.prototype);
  }
  return library;
}

/**
 * While a slot moves the cluster's client sends ASKING before a command, and hears no answer of it: one that failed with its connection ended the
 * process (`findings/ioredis-asking-is-not-heard.sh`). The command fails with it, and that is heard. BullMQ opens connections of its own, so all
 * connections are meant.
 */
function hearAsking(connection: Redis): void {
  const { asking } = connection;
  // No async function: its promise would be another one, which nobody hears either.
  connection.asking = function (this: Redis) {
    const asked = asking.call(this);
    asked.catch(() => {});
    return asked;
  };
}

/**
 * While a connection is made, `CLIENT` and `INFO` go out before all that waits for it to be ready, whoever asks. A connection that ended
 * before it was ready took them along: they were neither sent again nor refused (`findings/ioredis-forgets-what-is-asked-as-it-connects.sh`).
 * A worker that takes over a job asks who lives; one whose question was lost held the job for as long as it lived. They are refused when the
 * next connection is made, and a job that is refused is tried again.
 */
function settleEarlyCommands(connection: Redis): void {
  const inner = connection as unknown as Inner;
  const { resetCommandQueue } = inner;
  inner.resetCommandQueue = function (this: Inner) {
    // The queue of a connection that was ready is kept under both names, and sent again.
    const left = this.commandQueue === this.prevCommandQueue ? [] : (this.commandQueue?.toArray() ?? []);
    resetCommandQueue.call(this);
    for (const { command } of left) command.reject(new Error("Connection is closed."));
  };
}

/** The client as it is inside. */
type Inner = {
  commandQueue?: { toArray(): readonly { readonly command: { reject(error: Error): void } }[] };
  prevCommandQueue?: unknown;
  resetCommandQueue(this: Inner): void;
};

/**
 * A client that waits for its next attempt to connect has no connection whose end it could hear: told to disconnect it made no attempt any
 * more, and never said that it had ended (ioredis 6.0.0, redis/ioredis#1247). BullMQ waits for that end when it closes a worker, and such a
 * worker was never closed. A client that never connected ends at once, and so does this one.
 */
function endBetweenAttempts(client: Redis | Cluster): void {
  const { disconnect } = client;
  client.disconnect = function (this: Redis | Cluster, reconnect = false) {
    if (!reconnect && this.status === "reconnecting") this.status = "wait";
    disconnect.call(this, reconnect);
  };
}

/**
 * A cluster's client ends when the last of its servers is let go of. After a failover one that was told to disconnect was seen to have servers again, to be
 * ready, and not to end (ioredis 6.0.0). BullMQ disconnects a worker's blocking connection whose answer is late, and waits for the end: such a worker took no
 * job any more. A client is told again until it ends.
 */
function endClusters(cluster: Cluster): void {
  const { disconnect } = cluster;
  cluster.disconnect = function (this: Cluster, reconnect = false) {
    disconnect.call(this, reconnect);
    if (reconnect || this.status === "end") return;
    const again = setInterval(() => disconnect.call(this, false), CLUSTER_ENDS_WITHIN_MS);
    again.unref();
    this.once("end", () => clearInterval(again));
  };
}

/**
 * A cluster's client whose first look finds the cluster not whole, as in a failover, connects once more, and settles only the promise of that second time
 * (`findings/ioredis-cluster-connect-is-never-settled.sh`). BullMQ connects a worker's blocking connection again and waits for the first one: such a worker took no job any more.
 */
function settleConnecting(cluster: Cluster): void {
  const { connect } = cluster;
  cluster.connect = async function (this: Cluster) {
    const over = new AbortController();
    const heard = async (event: "ready" | "end"): Promise<void> =>
      void (await once(this, event, { signal: over.signal }));
    const ended = async (): Promise<void> => {
      await heard("end");
      throw new Error("the connection has ended");
    };
    try {
      await Promise.race([connect.call(this), heard("ready"), ended()]);
    } finally {
      over.abort();
    }
  };
}
