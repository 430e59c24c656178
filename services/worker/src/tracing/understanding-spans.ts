import type { IntakeWebhook, ReadWebhook, Understander } from "@sluice/queue";
import type { Span, Tracing } from "@sluice/tracing";

/** The spans of webhooks that are understood: one of each webhook in a trace, and within it that of its merge. */
export type UnderstandingSpans = {
  /** An understander that begins a span with each such webhook, and hands its context to the events. */
  around(understander: Understander): Understander;
  /** Ends the span of a webhook. */
  understood(webhook: IntakeWebhook, read: ReadWebhook): void;
};

type Begun = { readonly span: Span; readonly readAt: number };

export function understandingSpans(tracing: Tracing): UnderstandingSpans {
  /** Spans of webhooks that were read and not merged yet. The span of a try that ended in between is told to nobody. */
  const begun = new WeakMap<IntakeWebhook, Begun>();
  const begin = (webhook: IntakeWebhook): Span | null =>
    webhook.trace === undefined ? null : tracing.begin("understand", { kind: "consumer", parent: webhook.trace });

  return {
    around: ({ digests, read }) => ({
      digests,
      async read(webhook, giveWay) {
        const span = begin(webhook);
        if (span === null) return await read(webhook, giveWay);
        begun.set(webhook, { span, readAt: performance.now() });
        const events = await read(webhook, giveWay);
        begun.set(webhook, { span, readAt: performance.now() });
        const { context } = span;
        return context === null ? events : events.map((event) => ({ ...event, trace: context }));
      },
    }),
    understood(webhook, read) {
      const { span, readAt } = begun.get(webhook) ?? { span: begin(webhook), readAt: performance.now() };
      begun.delete(webhook);
      if (span === null) return;
      const about = { "sluice.source": webhook.source };
      if ("fault" in read) return span.end(about, read.fault.code);
      const changes = read.events.reduce((sum, each) => sum + each.changes.length, 0);
      const merge = { kind: "internal", parent: span.context, agoMs: performance.now() - readAt } as const;
      tracing.begin("merge", merge).end({ ...about, "sluice.changes": changes }, null);
      span.end({ ...about, "sluice.events": read.events.length }, null);
    },
  };
}
