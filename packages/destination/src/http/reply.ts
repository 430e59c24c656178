import type { Json } from "@sluice/event";
import type { Dispatcher } from "undici";
import { readErrorBody } from "./error-body.ts";
import { readRateLimit, readRetryAfterSeconds, type RateLimit } from "./rate-limit.ts";

/** What was asked; the path without host, and never a header, so that it can be shown and kept. */
export type ReplyRequest = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body: Json;
};

/** An answer, whatever its status. */
export type Reply = {
  readonly status: number;
  readonly retryAfterSeconds?: number;
  /** From any of the vendor's error envelopes. */
  readonly errorCode?: string;
  readonly errorText?: string;
  /** Parsed JSON, otherwise the text; cut at `MAX_ANSWER_BYTES`. */
  readonly body: unknown;
  readonly rateLimit?: RateLimit;
  /** The destination says that it checks fencing tokens. */
  readonly fenced?: true;
  /** False: the client refused by itself, and nothing went out. */
  readonly sent: boolean;
  readonly request: ReplyRequest;
};

/** Reads an answer. `nowMs` is what a `Retry-After` given as a date is counted from. */
export function replyOf(
  { statusCode, headers }: Pick<Dispatcher.ResponseData, "statusCode" | "headers">,
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
    ...(headers[FENCE_HEADER] === undefined ? {} : { fenced: true }),
    sent: true,
    request,
  };
}

/** Sluice's own: it stands in the answers of all that check its tokens, whichever their API is. */
const FENCE_HEADER = "sluice-fence";

/** A 429 or a proxy's error page may be plain text: that is an answer too. */
function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
