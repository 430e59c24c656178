import type { IncomingMessage } from "node:http";
import { contextOfHeaders, type Span, type Tracing } from "@sluice/tracing";

/** The span of a request. It begins once the request has proven itself, so that a stranger makes none, and counts from the request's first line. */
export type DoorSpan = {
  begin(request: IncomingMessage, source: string): void;
  /** Hears the number of events of the webhook. */
  read(events: number): void;
  /** The context for those who go on with the webhook; null: none follow. */
  context(): string | null;
  /** The span as a log line names it. */
  logged(): { readonly trace_id?: string };
  /** @param fault the reason of a refusal; null: the webhook was stored */
  end(status: number, fault: string | null): void;
};

/** @param startedAt when the request came (performance.now) */
export function spanAtDoor(tracing: Tracing, startedAt: number): DoorSpan {
  let span: Span | null = null;
  let attributes: Readonly<Record<string, string | number>> = {};
  return {
    begin({ headers, method = "" }, source) {
      // Node joins the lines of a header that came several times, and so two `traceparent` are none.
      const { traceparent, tracestate } = headers;
      const parent = contextOfHeaders(traceparent, tracestate);
      span = tracing.begin(`${method} /webhooks/{source}`, {
        kind: "server",
        parent,
        agoMs: performance.now() - startedAt,
      });
      attributes = { "http.request.method": method, "http.route": "/webhooks/{source}", "sluice.source": source };
    },
    read(events) {
      attributes = { ...attributes, "sluice.events": events };
    },
    context: () => span?.context ?? null,
    logged: () => (span === null ? {} : { trace_id: span.traceId }),
    end(status, fault) {
      span?.end({ ...attributes, "http.response.status_code": status }, fault);
    },
  };
}
