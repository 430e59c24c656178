import type { IntakeWebhook, ReadWebhook, Understander } from "@sluice/queue";
import type { Span, Tracing } from "@sluice/tracing";

type Understanding = {
  readonly understander: Understander;
  readonly onUnderstood: (webhook: IntakeWebhook, read: ReadWebhook) => void;
};

type Begun = { readonly span: Span; readonly readAt: number };

/** Understanding with a span of each webhook in a trace, whose context its events get, and within it a span of its merge. */
export function tracedUnderstanding(
  { understander, onUnderstood }: Understanding,
  tracing: Tracing | null,
): Understanding {
  if (tracing === null) return { understander, onUnderstood };
  /** Spans of webhooks that were read and not merged yet. The span of a try that ended in between is told to nobody. */
  const begun = new WeakMap<IntakeWebhook, Begun>();
  const begin = (webhook: IntakeWebhook): Span | null =>
    webhook.trace === undefined ? null : tracing.begin("understand", { kind: "consumer", parent: webhook.trace });

  return {
    understander: {
      digests: understander.digests,
      async read(webhook, giveWay) {
        const span = begin(webhook);
        if (span === null) return await understander.read(webhook, giveWay);
        begun.set(webhook, { span, readAt: performance.now() });
        const events = await understander.read(webhook, giveWay);
        begun.set(webhook, { span, readAt: performance.now() });
        const { context } = span;
        return context === null ? events : events.map((event) => ({ ...event, trace: context }));
      },
    },
    onUnderstood(webhook, read) {
      onUnderstood(webhook, read);
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
