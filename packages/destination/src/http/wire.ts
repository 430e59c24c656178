import { buildConnector, Pool, type Dispatcher } from "undici";

import { DestinationUnreachableError } from "./destination-unreachable.ts";
import { replyOf, type Reply, type ReplyRequest } from "./reply.ts";
import { withoutSecrets } from "./secrets.ts";
import { KEEP_ALIVE_MARGIN_MS, KEEP_ALIVE_MOST_MS, KEEP_ALIVE_MS, MAX_ANSWER_BYTES } from "../limits.ts";

export type WireOptions = {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly connections: number;
  readonly timeoutMs: number;
  readonly userAgent: string;
  readonly nowMs: () => number;
};

export type ExchangeOptions = {
  readonly headers: Readonly<Record<string, string>>;
  /** Credentials that are cut out of an error answer, except very short ones: pages made for developers repeat the headers of a request. */
  readonly secrets: readonly string[];
  readonly stop: AbortSignal;
};

/** Requests and answers over kept connections, without any knowledge of permissions. */
export interface Wire {
  /**
   * Sends one request and reads its whole answer, until `stop`.
   * @throws DestinationUnreachableError, or the reason of `stop`
   */
  exchange(request: ReplyRequest, options: ExchangeOptions): Promise<Reply>;
  close(): Promise<void>;
}

export function openWire({ origin, connections, timeoutMs, userAgent, nowMs }: WireOptions): Wire {
  // `stop` covers the whole exchange, so the pool's own deadlines, one for each phase, are off. An idle connection is
  // given up before the usual servers do it, so that a request seldom meets one that is being closed.
  const answered = new WeakSet<Error>();
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    connect: connectorOf(timeoutMs, answered),
    // A connection that died without a word is replaced with the next request over HTTP/1.1. Over HTTP/2 it never was while requests
    // kept coming: our deadline ends their streams, and the session, which undici takes for alive, gets the next one too.
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MOST_MS,
    keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  return {
    async exchange(request, { headers, secrets, stop }) {
      const ask = async (): Promise<Dispatcher.ResponseData> =>
        await pool.request({
          method: request.method,
          path: request.path,
          headers: {
            accept: "application/json",
            "content-type": "application/json",
            "user-agent": userAgent,
            ...headers,
          },
          body: request.body === null ? null : JSON.stringify(request.body),
          signal: stop,
        });
      let again = false;
      try {
        const answer = await ask().catch(async (error: unknown) => {
          if (stop.aborted || !mayGoAgain(request, error, answered)) throw error;
          again = true;
          return await ask();
        });
        const text = await readText(answer.body);
        return replyOf(answer, answer.statusCode < 400 ? text : withoutSecrets(text, secrets), request, nowMs());
      } catch (error) {
        if (stop.aborted) throw stop.reason;
        throw unreachable(error, { origin, timeoutMs, again });
      }
    },
    close: async () => await pool.close(),
  };
}

/**
 * Whether a request may go once more, at once, on another connection. A server may close an idle connection just as a request sets
 * out on it, so a request is repeated whose connection had answered before and closed without a word: upserts and deletes by key may
 * be. A bulk job may not, because a second one could run after a later write.
 */
function mayGoAgain({ method }: ReplyRequest, error: unknown, answered: WeakSet<Error>): boolean {
  if (method === "POST" || !(error instanceof Error)) return false;
  const { code, socket } = error as { code?: unknown; socket?: { bytesRead?: unknown } };
  if (code === "UND_ERR_SOCKET") return Number(socket?.bytesRead ?? 0) > 0;
  return (code === "EPIPE" || code === "ECONNRESET") && answered.has(error);
}

/** Opens connections, and remembers the errors of connections that had answered before. */
function connectorOf(timeoutMs: number, answered: WeakSet<Error>): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, allowH2: false });
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

/** Reads an answer to its end, so that the connection can be used again; one longer than MAX_ANSWER_BYTES is cut off. */
async function readText(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    kept.push(chunk.subarray(0, MAX_ANSWER_BYTES - bytes));
    bytes += chunk.length;
    // Leaving the loop destroys the body and its connection.
    if (bytes >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(kept).toString("utf8");
}

/** Why there is no answer, in words that hold no header and so no secret. */
function unreachable(
  error: unknown,
  { origin, timeoutMs, again }: { readonly origin: string; readonly timeoutMs: number; readonly again: boolean },
): DestinationUnreachableError {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  // The first of two tries may have been carried out.
  const mayHaveSent = again || !hadNoConnection(code);
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    const message = `${origin} did not take a connection within ${timeoutMs} ms`;
    return new DestinationUnreachableError(message, { code: "destination_timeout", mayHaveSent, cause: error });
  }
  const detail = typeof code === "string" ? code : error instanceof Error ? error.message : String(error);
  const message = `${origin} can't be reached: ${detail}`;
  return new DestinationUnreachableError(message, { code: "destination_unreachable", mayHaveSent, cause: error });
}

/** Whether the error says that there was no connection: the name, the address or the certificate was wrong, or nobody listens. */
function hadNoConnection(code: unknown): boolean {
  return typeof code === "string" && (NO_CONNECTION.has(code) || /^(ERR_TLS|CERT)_|SELF_SIGNED|UNABLE_TO_/.test(code));
}

const NO_CONNECTION: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

export function timedOut(origin: string, timeoutMs: number, cause?: unknown): DestinationUnreachableError {
  const message = `${origin} did not answer within ${timeoutMs} ms`;
  return new DestinationUnreachableError(message, { code: "destination_timeout", cause });
}
