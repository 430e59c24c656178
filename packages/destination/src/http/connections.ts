import type { LookupFunction } from "node:net";
import type { buildConnector, Pool } from "undici";
import { KEEP_ALIVE_MARGIN_MS, KEEP_ALIVE_MOST_MS, KEEP_ALIVE_MS } from "../limits.ts";
import type { ReplyRequest } from "./reply.ts";
import { undici } from "./undici.ts";

export type HttpConnectionOptions = {
  /** At once, to each origin. */
  readonly connections: number;
  readonly timeoutMs: number;
  /** How a name becomes addresses; Node's own without it. */
  readonly lookup?: LookupFunction;
};

/**
 * How connections of Sluice's own requests are made and kept. Whoever asks gives each exchange a deadline as a whole, so undici's own, one for each phase,
 * are off. An idle connection is given up before the usual servers do it, so that a request seldom meets one that is being closed.
 * @param answered collects errors of connections that had answered before; `mayGoAgain` reads it
 */
export function connectionsOf(options: HttpConnectionOptions, answered: WeakSet<Error>): Pool.Options {
  return {
    connections: options.connections,
    pipelining: 1,
    connect: connectorOf(options, answered),
    // A connection that died without a word is replaced with the next request over HTTP/1.1. Over HTTP/2 it never was while requests
    // kept coming: our deadline ends their streams, and the session, which undici takes for alive, gets the next one too.
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MOST_MS,
    keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}

/**
 * A server may close an idle connection just as a request sets out on it. What had answered before and closed without
 * a word is asked once more on another connection, at once: upserts and deletes by key may be repeated. A bulk
 * job may not, because a second one could run after a later write.
 */
export function mayGoAgain(
  { method }: Pick<ReplyRequest, "method">,
  error: unknown,
  answered: WeakSet<Error>,
): boolean {
  if (method === "POST" || !(error instanceof Error)) return false;
  const { code, socket } = error as { code?: unknown; socket?: { bytesRead?: unknown } };
  if (code === "UND_ERR_SOCKET") return Number(socket?.bytesRead ?? 0) > 0;
  return (code === "EPIPE" || code === "ECONNRESET") && answered.has(error);
}

/** Opens connections, and remembers of their errors which came over one that had answered before. */
function connectorOf({ timeoutMs, lookup }: HttpConnectionOptions, answered: WeakSet<Error>): buildConnector.connector {
  // TypeScript's picture of the connector lacks what Node's sockets take.
  const own = lookup === undefined ? {} : ({ lookup } as object);
  const connect = undici().buildConnector({ timeout: timeoutMs, allowH2: false, ...own });
  return (options, callback) => {
    connect(options, (...told: Parameters<buildConnector.Callback>) => {
      const [error, socket] = told;
      if (error === null) {
        socket.prependOnceListener("error", (fault: Error) => {
          if (socket.bytesRead > 0) answered.add(fault);
        });
      }
      callback(...told);
    });
  };
}
