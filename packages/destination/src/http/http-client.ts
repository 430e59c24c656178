import type { Dispatcher } from "undici";
import { connectionsOf, mayGoAgain } from "./connections.ts";
import { publicLookup } from "./public-addresses.ts";
import { readAtMost } from "./read-at-most.ts";
import { undici } from "./undici.ts";
import { unreachable } from "./unreachable.ts";
import { USER_AGENT } from "./user-agent.ts";

export type AskingOptions = {
  readonly connections: number;
  readonly timeoutMs: number;
  /** Whether a name may lead to addresses that are not public. */
  readonly privateAddresses: boolean;
};

export type HttpRequest = {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The most bytes of an answer that are kept: a longer one is cut off. */
  readonly mostBytes: number;
  readonly stop: AbortSignal;
};

export type HttpResponse = Pick<Dispatcher.ResponseData, "statusCode" | "headers"> & { readonly bytes: Buffer };

/** Questions to whatever origins the configuration names, over kept connections. A redirect is an answer: elsewhere the credentials would be somebody else's. */
export interface HttpClient {
  /** @throws DestinationUnreachableError, or whatever `stop` was aborted with */
  ask(url: string, question: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

export function openHttpClient({ connections, timeoutMs, privateAddresses }: AskingOptions): HttpClient {
  const answered = new WeakSet<Error>();
  const lookup = privateAddresses ? {} : { lookup: publicLookup() };
  const { Agent } = undici();
  const agent = new Agent(connectionsOf({ connections, timeoutMs, ...lookup }, answered));

  return {
    async ask(url, { method, headers, body, mostBytes, stop }) {
      const { origin, pathname, search } = new URL(url);
      const once = async (): Promise<Dispatcher.ResponseData> =>
        await agent.request({
          origin,
          path: `${pathname}${search}`,
          method,
          headers: { "user-agent": USER_AGENT, ...headers },
          body: body ?? null,
          signal: stop,
        });
      let again = false;
      try {
        const answer = await once().catch(async (error: unknown) => {
          if (stop.aborted || !mayGoAgain({ method }, error, answered)) throw error;
          again = true;
          return await once();
        });
        return {
          statusCode: answer.statusCode,
          headers: answer.headers,
          bytes: await readAtMost(answer.body, mostBytes),
        };
      } catch (error) {
        if (stop.aborted) throw stop.reason;
        throw unreachable(error, { origin, timeoutMs, again });
      }
    },
    close: async () => await agent.close(),
  };
}
