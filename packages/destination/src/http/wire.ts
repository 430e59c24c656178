import type { Dispatcher } from "undici";
import { connectionsOf, mayGoAgain } from "./connections.ts";
import { readAtMost } from "./read-at-most.ts";
import { replyOf, type Reply, type ReplyRequest } from "./reply.ts";
import { withoutSecrets } from "./secrets.ts";
import { MAX_ANSWER_BYTES } from "../limits.ts";
import { undici } from "./undici.ts";
import { unreachable } from "./unreachable.ts";

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
  const answered = new WeakSet<Error>();
  const { Pool } = undici();
  const pool = new Pool(origin, connectionsOf({ connections, timeoutMs }, answered));

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
        const text = (await readAtMost(answer.body, MAX_ANSWER_BYTES)).toString("utf8");
        return replyOf(answer, answer.statusCode < 400 ? text : withoutSecrets(text, secrets), request, nowMs());
      } catch (error) {
        if (stop.aborted) throw stop.reason;
        throw unreachable(error, { origin, timeoutMs, again });
      }
    },
    close: async () => await pool.close(),
  };
}
