import type { Json } from "@sluice/event";
import type { Dispatcher } from "undici";
import { readErrorBody } from "./error-body.ts";
import { readRateLimit, readRetryAfterSeconds, type RateLimit } from "./rate-limit.ts";

/** A request that can be shown and kept: its path has no host, and headers are left out. */
export type ReplyRequest = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body: Json;
};

/** An answer, whatever its status. */
export type Reply = {
  readonly status: number;
  readonly retryAfterSeconds?: number;
  /** The error's code, from any of the vendor's envelopes. */
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

/** Reads an answer. `nowMs`: the time from which a `Retry-After` given as a date counts. */
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

/** Sluice's own header, in the answers of all destinations that check its tokens, whichever API they have. */
const FENCE_HEADER = "sluice-fence";

/** The body as JSON, or as text: a 429 or a proxy's error page may be plain text, and is an answer too. */
function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
