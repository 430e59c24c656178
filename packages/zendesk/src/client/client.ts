import type { Json } from "@sluice/event";
import { Pool, type Dispatcher } from "undici";
import { LIMITS } from "../limits.ts";
import { RULINGS } from "../rulings.ts";
import { authorizeWith, type ZendeskAuth } from "./authorization.ts";
import { DestinationUnreachableError } from "./destination-unreachable.ts";
import { readErrorBody } from "./error-body.ts";
import { readRateLimit, readRetryAfterSeconds, type RateLimit } from "./rate-limit.ts";

export type ZendeskClientOptions = {
  /** Of the account or of services/records, e.g. `https://acme.zendesk.com`; a path before /api is kept. */
  readonly url: string;
  readonly auth: ZendeskAuth;
  /** Connections, and so requests in flight. */
  readonly concurrency: number;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly userAgent?: string;
  /** The time that a `Retry-After` given as a date is counted from. */
  readonly nowMs?: () => number;
};

export type RecordKey = { readonly by: "external_id" | "name"; readonly value: string };

export type SendOptions = {
  /** The writer's fencing token, an integer of microseconds, for destinations that check it. */
  readonly fence?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** What was asked; the path without host, and never a header, so that it can be shown and kept. */
export type ReplyRequest = { readonly method: "PATCH" | "DELETE"; readonly path: string; readonly body: Json };

/** An answer, whatever its status. */
export type Reply = {
  readonly status: number;
  readonly retryAfterSeconds?: number;
  /** From any of the vendor's error envelopes. */
  readonly errorCode?: string;
  readonly errorText?: string;
  /** Parsed JSON, otherwise the text; cut at `LIMITS.answerBytes`. */
  readonly body: unknown;
  readonly rateLimit?: RateLimit;
  readonly request: ReplyRequest;
};

/** Custom objects over HTTP. Every method answers with what the destination said, and decides nothing. */
export interface ZendeskClient {
  /** Creates the record or changes what is given of it. */
  upsertRecord(
    object: string,
    key: RecordKey,
    record: { readonly name?: string | null | undefined; readonly fields: Readonly<Record<string, Json>> },
    options?: SendOptions,
  ): Promise<Reply>;
  deleteRecord(object: string, key: RecordKey, options?: SendOptions): Promise<Reply>;
  /** Waits for requests under way. */
  close(): Promise<void>;
}

/** All methods throw DestinationUnreachableError, or the reason of `options.signal` when that was it. */
export function createZendeskClient(options: ZendeskClientOptions): ZendeskClient {
  const { origin, pathname } = new URL(options.url);
  const prefix = pathname.replace(/\/$/, "");
  const nowMs = options.nowMs ?? Date.now;
  const authorize = authorizeWith(options.auth);
  // The deadline below covers the whole exchange, so the pool's own, per phase, are off.
  const pool = new Pool(origin, {
    connections: options.concurrency,
    pipelining: 1,
    connect: { timeout: options.timeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  async function send(request: ReplyRequest, { fence, signal }: SendOptions): Promise<Reply> {
    const deadline = AbortSignal.timeout(options.timeoutMs);
    const stop = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
    try {
      const authorization = await authorize();
      const answer = await pool.request({
        method: request.method,
        path: request.path,
        headers: {
          authorization,
          accept: "application/json",
          "content-type": "application/json",
          "user-agent": options.userAgent ?? `sluice/${VERSION}`,
          ...(fence === undefined ? {} : { [RULINGS.fenceHeader]: fence }),
        },
        body: request.body === null ? null : JSON.stringify(request.body),
        signal: stop,
      });
      return replyOf(answer, await readText(answer.body), request, nowMs());
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw unreachable(error, deadline.aborted, origin, options.timeoutMs);
    }
  }

  const pathOf = (object: string, { by, value }: RecordKey) =>
    `${prefix}/api/v2/custom_objects/${encodeURIComponent(object)}/records?${by}=${encodeURIComponent(value)}`;

  return {
    upsertRecord(object, key, { name, fields }, sendOptions = {}) {
      const record = { ...(name === undefined ? {} : { name }), custom_object_fields: fields };
      const body = { custom_object_record: record };
      return send({ method: "PATCH", path: pathOf(object, key), body }, sendOptions);
    },
    deleteRecord(object, key, sendOptions = {}) {
      return send({ method: "DELETE", path: pathOf(object, key), body: null }, sendOptions);
    },
    close: () => pool.close(),
  };
}

const VERSION = "0.1.0";

/** Reads to the end, so that the connection can be used again, and keeps only so much. */
async function readText(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (bytes < LIMITS.answerBytes) kept.push(chunk.subarray(0, LIMITS.answerBytes - bytes));
    bytes += chunk.length;
  }
  return Buffer.concat(kept).toString("utf8");
}

function replyOf(
  { statusCode, headers }: Dispatcher.ResponseData,
  text: string,
  request: ReplyRequest,
  nowMs: number,
): Reply {
  const body = parsed(text);
  const { code, text: errorText } = statusCode >= 400 ? readErrorBody(body) : {};
  const retryAfterSeconds = readRetryAfterSeconds(headers, nowMs);
  const rateLimit = readRateLimit(headers);
  return {
    status: statusCode,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(code === undefined ? {} : { errorCode: code }),
    ...(errorText === undefined ? {} : { errorText }),
    body,
    ...(rateLimit === undefined ? {} : { rateLimit }),
    request,
  };
}

/** A 429 or a proxy's error page may be plain text: that is an answer too. */
function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function unreachable(
  error: unknown,
  deadlinePassed: boolean,
  origin: string,
  timeoutMs: number,
): DestinationUnreachableError {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (deadlinePassed || code === "UND_ERR_CONNECT_TIMEOUT") {
    const message = `${origin} did not answer within ${timeoutMs} ms`;
    return new DestinationUnreachableError(message, { code: "destination_timeout", cause: error });
  }
  const detail = typeof code === "string" ? code : error instanceof Error ? error.message : String(error);
  const message = `${origin} can't be reached: ${detail}`;
  return new DestinationUnreachableError(message, { code: "destination_unreachable", cause: error });
}
