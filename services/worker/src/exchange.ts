import { DestinationUnreachableError, type Reply } from "@sluice/zendesk/client";
import type { Exchange } from "./destination.ts";

/** A request's answer in Sluice's terms. That none came is an answer too: silence. */
export async function exchangeOf(call: Promise<Reply>): Promise<Exchange> {
  try {
    return exchangeFor(await call);
  } catch (error) {
    return silenceOf(error);
  }
}

export function exchangeFor(reply: Reply): Exchange {
  const { status, retryAfterSeconds, errorCode, errorText } = reply;
  return { answer: { kind: "reply", status, retryAfterSeconds, errorCode, errorText }, reply };
}

/** An answer came, and it does not tell what came of the request: no more than silence would. */
export function unreadable(code: string, message: string, reply: Reply | null): Exchange {
  return { answer: { kind: "silence", code, message }, reply };
}

/** @throws the error itself, where it is no silence of the destination */
export function silenceOf(error: unknown): Exchange {
  if (!(error instanceof DestinationUnreachableError)) throw error;
  return { answer: { kind: "silence", code: error.code, message: error.message }, reply: null };
}
