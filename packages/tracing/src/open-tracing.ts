import type { Link, SpanContext, SpanKind, Tracer } from "@opentelemetry/api";
import type { Sampler, SpanExporter } from "@opentelemetry/sdk-trace";
import { LIMITS } from "./limits.ts";
import { tracingSettings, type TracingSettings } from "./settings.ts";
import { headersOf, readContext, writeContext } from "./trace-context.ts";
import type { Span, SpanBeginning, Tracing } from "./tracing.ts";

export type TracingOptions = {
  /**
   * The environment of the process. OpenTelemetry's own packages read its standard variables for the collector's address, headers,
   * certificates and time limit, and the attributes of the process, from there by themselves.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly nowMs: () => number;
  /** Milliseconds of a clock that is never set. */
  readonly steadyMs: () => number;
  /** Called when the collector takes no spans, once a minute at most. */
  readonly onFault: (message: string) => void;
};

type Libraries = {
  readonly api: typeof import("@opentelemetry/api");
  readonly core: typeof import("@opentelemetry/core");
};

/**
 * Null, and nothing is loaded, unless the environment names a collector.
 * @throws TracingSettingsError
 */
export async function openTracing(options: TracingOptions): Promise<Tracing | null> {
  const settings = tracingSettings(options.env);
  if (settings === null) return null;
  const [api, core, sdk, resources, exporter] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/core"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/resources"),
    exporterOf(settings.protocol),
  ]);
  tellFaults(api, options);
  const own = resources.resourceFromAttributes({ "service.name": "sluice", "service.version": options.version });
  const { resourceAttributesEnvDetector, serviceNameEnvDetector } = resources;
  const said = resources.detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] });
  const provider = new sdk.TracerProvider({
    sampler: samplerOf(sdk, settings.sampler),
    spanLimits: { linkCountLimit: LIMITS.links },
    resource: resources.defaultResource().merge(own).merge(said),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, ...settings.batch })],
  });
  const tracer = provider.getTracer("sluice", options.version);
  return {
    begin: (name, about) => begun({ api, core }, tracer, options, name, about),
    async close(deadlineMs) {
      // Shutting down sends what is left. The exporter tries a collector that is away again and again.
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)));
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}

async function exporterOf(protocol: TracingSettings["protocol"]): Promise<SpanExporter> {
  const { OTLPTraceExporter } = await (protocol === "http/json"
    ? import("@opentelemetry/exporter-trace-otlp-http")
    : import("@opentelemetry/exporter-trace-otlp-proto"));
  return new OTLPTraceExporter();
}

function samplerOf(
  sdk: typeof import("@opentelemetry/sdk-trace"),
  { isParentBased, root }: TracingSettings["sampler"],
): Sampler {
  const sampler =
    root === "on"
      ? new sdk.AlwaysOnSampler()
      : root === "off"
        ? new sdk.AlwaysOffSampler()
        : new sdk.TraceIdRatioBasedSampler(root.ratio);
  return isParentBased ? new sdk.ParentBasedSampler({ root: sampler }) : sampler;
}

function begun(
  { api, core }: Libraries,
  tracer: Tracer,
  { nowMs, steadyMs }: TracingOptions,
  name: string,
  { kind, parent, links = [], agoMs = 0 }: SpanBeginning,
): Span {
  const steadyAt = steadyMs() - agoMs;
  const startTime = nowMs() - agoMs;
  const spanContextOf = (text: string): SpanContext | null => {
    const context = readContext(text);
    if (context === null) return null;
    const { traceId, spanId, flags, state } = context;
    const traceState = state === "" ? {} : { traceState: new core.TraceState(state) };
    return { traceId, spanId, traceFlags: flags, isRemote: true, ...traceState };
  };
  const parentSpan = parent === null ? null : spanContextOf(parent);
  const linked = links.slice(0, LIMITS.links).flatMap((text): Link[] => {
    const context = spanContextOf(text);
    return context === null ? [] : [{ context }];
  });
  const span = tracer.startSpan(
    name,
    { kind: kindOf(api, kind), startTime, links: linked },
    parentSpan === null ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, parentSpan),
  );
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const text = writeContext({ traceId, spanId, flags: traceFlags, state: traceState?.serialize() ?? "" });
  return {
    traceId,
    context: (traceFlags & api.TraceFlags.SAMPLED) === 0 ? null : text,
    headers: headersOf(text),
    end(attributes, fault) {
      span.setAttributes(attributes);
      if (fault !== null) span.setStatus({ code: api.SpanStatusCode.ERROR, message: fault });
      span.end(startTime + steadyMs() - steadyAt);
    },
  };
}

function kindOf({ SpanKind }: Libraries["api"], kind: SpanBeginning["kind"]): SpanKind {
  switch (kind) {
    case "server":
      return SpanKind.SERVER;
    case "consumer":
      return SpanKind.CONSUMER;
    case "client":
      return SpanKind.CLIENT;
    case "internal":
      return SpanKind.INTERNAL;
  }
}

/** OpenTelemetry tells of its faults to one listener for the process. */
function tellFaults({ diag, DiagLogLevel }: Libraries["api"], { onFault, steadyMs }: TracingOptions): void {
  let toldAt = -Infinity;
  const tell = (message: string): void => {
    if (steadyMs() - toldAt < LIMITS.faultEveryMs) return;
    toldAt = steadyMs();
    onFault(message);
  };
  const ignore = (): void => {};
  const listener = { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(listener, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
