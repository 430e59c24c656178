import type { Json } from "@sluice/event";
import { LIMITS, RULINGS, bytesOverLimit } from "@sluice/zendesk";
import type { RecordKey } from "@sluice/record";
import { fixedAuthorization, oauthAuthorization, type ZendeskAuth } from "./authorization/authorization.ts";
import { AuthorizationRefused } from "./authorization/authorization-refused.ts";
import { withDeadline } from "../http/deadline.ts";
import { recordRequest, type RecordValues } from "./record-request.ts";
import type { Reply, ReplyRequest } from "../http/reply.ts";
import type { TokenStore } from "../kind.ts";
import { ownTokenStore } from "./authorization/own-token-store.ts";
import { timedOut } from "../http/unreachable.ts";
import { USER_AGENT } from "../http/user-agent.ts";
import { openWire } from "../http/wire.ts";

export type ZendeskClientOptions = {
  /** The address of the account or of services/records, e.g. `https://acme.zendesk.com`; a path before /api is kept. */
  readonly url: string;
  readonly auth: ZendeskAuth;
  /** Connections, and so requests in flight. */
  readonly concurrency: number;
  /** The time from the call to the last byte of the answer, a new token and a second try included. */
  readonly timeoutMs: number;
  readonly userAgent?: string;
  /** The store that shares OAuth access tokens with other processes; without it this process keeps its own. */
  readonly tokenStore?: TokenStore;
  /** The time that a `Retry-After` given as a date is counted from, and that tokens end by. */
  readonly nowMs?: () => number;
};

export type SendOptions = {
  /** The writer's fencing token, an integer of microseconds, for destinations that check it. */
  readonly fence?: string | undefined;
  /** Other headers of our own. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

/** Custom objects over HTTP. Every method gives the destination's answer, and decides nothing. */
export interface ZendeskClient {
  /** Creates the record or changes its given fields. A record too large for every plan is refused here (`sent: false`). */
  upsertRecord(object: string, key: RecordKey, record: RecordValues, options?: SendOptions): Promise<Reply>;
  deleteRecord(object: string, key: RecordKey, options?: SendOptions): Promise<Reply>;
  /** Any other request: `path` is what follows /api/v2/. */
  ask(
    method: ReplyRequest["method"],
    path: string,
    body: Json,
    options?: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal | undefined },
  ): Promise<Reply>;
  /** Waits for requests under way. */
  close(): Promise<void>;
}

/** Creates a client. All its methods throw DestinationUnreachableError, or the reason of `options.signal` when it was aborted. */
export function createZendeskClient(options: ZendeskClientOptions): ZendeskClient {
  const { url, auth, timeoutMs, concurrency, nowMs = Date.now, userAgent = USER_AGENT } = options;
  const { origin, pathname } = new URL(url);
  const prefix = pathname.replace(/\/$/, "");
  const wire = openWire({ origin, connections: concurrency, timeoutMs, userAgent, nowMs });
  const late = () => timedOut(origin, timeoutMs);
  const authorization =
    "oauth" in auth
      ? oauthAuthorization({
          client: auth.oauth,
          url: `${origin}${prefix}`,
          prefix,
          tokenStore: options.tokenStore ?? ownTokenStore(),
          // The request has a deadline of its own: others wait for this token too.
          ask: async (request, secrets) =>
            await withDeadline(
              timeoutMs,
              undefined,
              late,
              async (stop) => await wire.exchange(request, { headers: {}, secrets, stop }),
            ),
          nowMs,
        })
      : fixedAuthorization(auth);

  async function send(
    request: ReplyRequest,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    return await withDeadline(timeoutMs, signal, late, async (stop) => {
      const once = async (): Promise<readonly [Reply, again: boolean]> => {
        const credential = await authorization.credential();
        const { header, secrets } = credential;
        const reply = await wire.exchange(request, { headers: { ...headers, authorization: header }, secrets, stop });
        return [reply, await authorization.answered(credential, reply.status)];
      };
      try {
        const [reply, again] = await once();
        return again ? (await once())[0] : reply;
      } catch (error) {
        if (!(error instanceof AuthorizationRefused)) throw error;
        return { ...error.answer, body: null, sent: true, request };
      }
    });
  }

  const fenced = (fence: string | undefined) => (fence === undefined ? {} : { [RULINGS.fenceHeader]: fence });
  // A field that the object does not have is a fault of the mapping, which somebody should hear of.
  const strictly = (fence: string | undefined) => ({ ...RULINGS.preferStrict, ...fenced(fence) });

  return {
    async upsertRecord(object, key, { name, fields }, { fence, headers = {}, signal } = {}) {
      const request = recordRequest(url, object, key, { ...(name === undefined ? {} : { name }), fields });
      const over = bytesOverLimit({ ...(name === undefined ? {} : { name }), custom_object_fields: fields });
      return over === 0 ? await send(request, { ...strictly(fence), ...headers }, signal) : tooLarge(over, request);
    },
    async deleteRecord(object, key, { fence, headers = {}, signal } = {}) {
      return await send(recordRequest(url, object, key, null), { ...fenced(fence), ...headers }, signal);
    },
    async ask(method, path, body, { headers = {}, signal } = {}) {
      return await send({ method, path: `${prefix}/api/v2/${path}`, body }, headers, signal);
    },
    close: async () => await wire.close(),
  };
}

/** The answer that the destination would give, without asking it. */
function tooLarge(over: number, request: ReplyRequest): Reply {
  const errorText = `the record is ${over} bytes longer than the ${LIMITS.recordBytes} that the destination takes; nothing was sent`;
  return { status: 413, errorCode: "record_too_large", errorText, body: null, sent: false, request };
}
