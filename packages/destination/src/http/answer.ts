import type { Answer, AnswerText } from "@sluice/record";
import { DestinationUnreachableError } from "./destination-unreachable.ts";
import type { Reply } from "./reply.ts";
import type { Exchange } from "../destination.ts";
import { FORBIDDEN_AGAIN_MS } from "../limits.ts";

/** The meaning of an HTTP status where the API that sent it gives it none of its own. */
export function httpAnswer(reply: Reply): Answer {
  const { status, retryAfterSeconds } = reply;
  const said = saidOf(reply);
  const forMs = retryAfterSeconds === undefined ? null : retryAfterSeconds * 1000;
  if (status >= 200 && status < 300) return { kind: "done" };
  if (status === 429) return { kind: "slow", ...said, forMs };
  if (status === 401) return { kind: "credentials", ...said, againMs: null };
  if (status === 403) return { kind: "credentials", ...said, againMs: FORBIDDEN_AGAIN_MS };
  if (status === 409) return { kind: "again", ...said };
  // A gateway gave up before the servers behind it did: they may still carry the write out.
  if (status === 502 || status === 504) return { kind: "unknown", ...said };
  if (status === 503) return { kind: "down", ...said, forMs: forMs ?? 0 };
  if (status >= 500 || status === 408 || status < 400) return { kind: "down", ...said, forMs: 0 };
  return { kind: "record", ...said };
}

export function saidOf({ status, errorCode, errorText }: Reply): AnswerText {
  return {
    code: errorCode ?? `status_${status}`,
    message: errorText ?? `the destination answered ${status}`,
  };
}

/** An answer with the facts for metrics, dead letters and the quota. */
export function exchangeOf(answer: Answer, reply: Reply, word = String(reply.status)): Exchange {
  const { status, sent, rateLimit, fenced, request, body } = reply;
  return {
    answer,
    status: word,
    shown: { request, response: { status, body } },
    ...(sent ? {} : { sent }),
    ...(rateLimit === undefined ? {} : { quota: rateLimit }),
    ...(fenced === undefined ? {} : { fenced }),
  };
}

/** The exchange of an answer that tells the request's end no better than silence would. */
export function unreadable(code: string, message: string, reply: Reply | null): Exchange {
  const answer: Answer = { kind: "unknown", code, message };
  return reply === null ? { answer, status: code, shown: null } : exchangeOf(answer, reply, code);
}

/** The exchange of a request without an answer. @throws the error itself, where the destination was not silent */
export function silenceOf(error: unknown): Exchange {
  if (!(error instanceof DestinationUnreachableError)) throw error;
  const { code, message, mayHaveSent } = error;
  const answer: Answer = mayHaveSent ? { kind: "unknown", code, message } : { kind: "down", code, message, forMs: 0 };
  return { answer, status: code, shown: null };
}
