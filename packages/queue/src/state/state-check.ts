import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { retryFirstWrite } from "../connection/start-retries.ts";
import { PEERS_CHECK_WITHIN_MS } from "../limits.ts";
import { onServerLost } from "../connection/lost-servers.ts";
import { serversOf } from "../connection/owner.ts";

/** The result of a look at the state. `named`: there was none before this process; `told`: the state went back, and all listeners here were told. */
export type StateCheckResult = "named" | "same" | "told";

/**
 * Nothing is claimed on a connection before the state behind it was compared with the known marks. A worker that has just started knows
 * nothing, and a worker that was away may lack the last second: on a Redis server that nobody has worked with yet (a server that was
 * started again, a replica that was promoted) it waits until the others have connected too and have looked.
 */
export type StateCheck = {
  /** Whether claims may be made now. */
  readonly isDone: boolean;
  /** Another number on each connection: a claim that was sent on one and answered on the next was never meant for this state. */
  readonly connection: number;
  close(): void;
};

export type StateCheckOptions = {
  readonly redis: Redis;
  /** Another connection that makes claims; it may be the same as `redis`. */
  readonly confirming: Redis;
  readonly tag: string;
  /** The Redis is this process' own: nobody else can know more. */
  readonly isAlone: boolean;
  readonly look: () => Promise<StateCheckResult>;
  readonly onError: (error: Error) => void;
  readonly peersCheckWithinMs?: number;
};

/** Resolves when the first look is done, or waits for the others, or failed for now. The connections are usable already. */
export async function checkState(options: StateCheckOptions): Promise<StateCheck> {
  const { redis, confirming, tag, isAlone, look, onError, peersCheckWithinMs = PEERS_CHECK_WITHIN_MS } = options;
  const stop = new AbortController();
  let connection = 1;
  let isDone = false;
  /** The server that this process last worked with. */
  let lastServer: string | null = null;

  let onBegun: () => void = () => {};
  const begun = new Promise<void>((resolve) => (onBegun = resolve));

  async function begin(mine: number): Promise<void> {
    const isOver = (): boolean => stop.signal.aborted || mine !== connection;
    const server = serverOf(await serverInfos(redis));
    const found = await look();
    const isNew = found === "named" && lastServer === null;
    if (!isNew && found !== "told" && !isAlone && !(await isKnown(server))) {
      onBegun();
      await wait(peersCheckWithinMs, undefined, { ref: false });
      if (isOver()) return;
      await look();
    }
    if (isOver()) return;
    lastServer = server;
    isDone = true;
    // A Redis that is full takes no note, and is emptied by claims alone: the next worker then waits for the others in vain.
    await redis.hset(`${tag}:state`, SERVER, server).catch(onError);
  }

  /** Whether workers have worked with the server in this state, and this worker with no other since. */
  async function isKnown(server: string): Promise<boolean> {
    if (server === "" || (lastServer !== null && lastServer !== server)) return false;
    return (await redis.hget(`${tag}:state`, SERVER)) === server;
  }

  const onAway = (): void => {
    connection += 1;
    isDone = false;
  };
  const onReady = (): void => {
    if (connections.some(({ status }) => status !== "ready")) return;
    const mine = connection;
    const isOver = (): boolean => stop.signal.aborted || mine !== connection;
    retryFirstWrite(async () => await begin(mine), { isOver, onError })
      .catch(onError)
      .finally(onBegun);
  };
  const connections = [...new Set([redis, confirming])];
  for (const each of connections) each.on("close", onAway).on("ready", onReady);
  const onLost = (): void => {
    onAway();
    onReady();
  };
  const lost = connections.map((each) => onServerLost(each, onLost));
  onReady();
  await begun;

  return {
    get isDone() {
      return isDone;
    },
    get connection() {
      return connection;
    },
    close() {
      stop.abort();
      for (const each of connections) each.off("close", onAway).off("ready", onReady);
      for (const each of lost) each.close();
    },
  };
}

/** The server's field in `:state`, see state.lua. */
const SERVER = "server";

async function serverInfos(redis: Redis): Promise<readonly string[]> {
  return await Promise.all(serversOf(redis).map(async (server) => await server.info("server")));
}

/**
 * The server's own name, which is another one at each of its starts; of a cluster all of them, so that another one which takes a
 * part of the keys makes another name. "" where it is not told.
 */
function serverOf(infos: readonly string[]): string {
  const names = infos.map((info) => /^run_id:(\w+)/m.exec(info)?.[1] ?? "");
  return names.toSorted().join(" ").trim();
}
