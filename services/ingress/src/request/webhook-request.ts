import type { Request } from "express";
import type { WebhookRequest } from "@sluice/event";
import type { SourceConfiguration } from "@sluice/runtime";

const NOTHING = new Uint8Array();

/** A request as `@sluice/event` reads it: as it came, with the URL that the sender was given. */
export function asWebhook(request: Request, source: SourceConfiguration, body: Uint8Array = NOTHING): WebhookRequest {
  const headers = headersOf(request.rawHeaders);
  const question = request.originalUrl.indexOf("?");
  const query = question < 0 ? "" : request.originalUrl.slice(question + 1);
  const registered = source.publicUrl;
  const isWhole = registered?.includes("?") === true || query === "";
  const remoteAddress = request.socket.remoteAddress;
  return {
    method: request.method,
    url: registered === undefined ? receivedUrl(request) : isWhole ? registered : `${registered}?${query}`,
    path: registered === undefined ? request.path : pathOf(registered),
    // The query that the caller wrote, never the registered URL's: a token in that would prove nothing.
    query,
    headers,
    body,
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  };
}

function receivedUrl(request: Request): string {
  return `${request.protocol}://${request.headers.host ?? ""}${request.originalUrl}`;
}

/** Every value by itself, under its lower-case name: Node's own `headersDistinct`, which costs twice as much. */
function headersOf(raw: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const before = headers.get(name);
    if (before === undefined) headers.set(name, [raw[at + 1]!]);
    else before.push(raw[at + 1]!);
  }
  return headers;
}

/** The paths of the few URLs that the configuration names. */
const PATHS = new Map<string, string>();

function pathOf(url: string): string {
  const known = PATHS.get(url) ?? new URL(url).pathname;
  PATHS.set(url, known);
  return known;
}
