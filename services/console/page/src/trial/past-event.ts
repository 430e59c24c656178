import type { EventTraceJson } from "../../../src/contract/event.ts";

type PastWebhook = NonNullable<EventTraceJson["webhook"]>;

/** The webhook of a past event as a request to try, and why it may not be the one that came in; null: nothing is missing. */
export function requestText({ method, query, headers, body, isCut, redacted }: PastWebhook): {
  readonly text: string;
  readonly lacks: string | null;
} {
  const request = {
    ...(method === "POST" ? {} : { method }),
    ...(query === "" ? {} : { query: `?${query}` }),
    headers: joined(headers),
  };
  const head = JSON.stringify(request, null, 2).slice(0, -2);
  const lacks = isCut
    ? "Its body was too long to be kept whole."
    : redacted.length > 0
      ? `Values of it are not kept: ${redacted.join(", ")}.`
      : null;
  return { text: `${head},\n  "body": ${bodyText(body)}\n}`, lacks };
}

/** Headers of the connection and of whoever called, which mean nothing for an event. */
const OF_TRANSPORT =
  /^(?:host|connection|content-length|transfer-encoding|accept|accept-.*|user-agent|sec-.*|prefer|via|x-forwarded-.*)$/;

/** A header that was repeated stands in one line, as a request may say it. */
function joined(headers: PastWebhook["headers"]): Readonly<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const [name, value] of headers.filter(([each]) => !OF_TRANSPORT.test(each)))
    all[name] = name in all ? `${all[name]}, ${value}` : value;
  return all;
}

/** The body laid out to be read and edited, where that loses nothing of it; otherwise as one text. */
function bodyText(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null && !HAS_LONG_NUMBER.test(body)) {
      return JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
    }
  } catch {
    // It is no JSON.
  }
  return JSON.stringify(body);
}

/** Numbers of so many digits lose some where they are read and written again. */
const HAS_LONG_NUMBER = /\d{16}|\d\.\d{12}|\d[eE][+-]?\d/;
