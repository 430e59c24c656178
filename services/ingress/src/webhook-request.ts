import type { Request } from "express";
import type { WebhookRequest } from "@sluice/event";
import type { SourceConfiguration } from "@sluice/runtime";

const NOTHING = new Uint8Array();

/** A request as `@sluice/event` reads it: as it came, with the URL that the sender was given. */
export function asWebhook(request: Request, source: SourceConfiguration, body: Uint8Array = NOTHING): WebhookRequest {
  const headers = new Map(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, values ?? []] as const),
  );
  const question = request.originalUrl.indexOf("?");
  const query = question < 0 ? "" : request.originalUrl.slice(question + 1);
  const registered = source.publicUrl;
  const received = `${request.protocol}://${request.headers.host ?? ""}${request.originalUrl}`;
  const isWhole = registered?.includes("?") === true || query === "";
  const remoteAddress = request.socket.remoteAddress;
  return {
    method: request.method,
    url: registered === undefined ? received : isWhole ? registered : `${registered}?${query}`,
    path: registered === undefined ? request.path : new URL(registered).pathname,
    // What the caller wrote, never what stands in the registered URL: a token in that would prove nothing.
    query,
    headers,
    body,
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  };
}
