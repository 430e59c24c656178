type Environment = Readonly<Record<string, string | undefined>>;

/** The part of OpenTelemetry's variables that its packages leave to whoever starts them. */
export type TracingSettings = {
  readonly protocol: (typeof PROTOCOLS)[number];
  readonly sampler: { readonly isParentBased: boolean; readonly root: "on" | "off" | { readonly ratio: number } };
  readonly batch: {
    readonly scheduledDelayMillis?: number;
    readonly exportTimeoutMillis?: number;
    readonly maxQueueSize?: number;
    readonly maxExportBatchSize?: number;
  };
};

/** A variable of the environment that says something that can't be done. */
export class TracingSettingsError extends Error {
  readonly code = "tracing_invalid";
  readonly hint: string;

  constructor(name: string, value: string, hint: string) {
    super(`${name} is ${JSON.stringify(value)}`);
    this.name = "TracingSettingsError";
    this.hint = hint;
  }
}

const PROTOCOLS = ["http/protobuf", "http/json"] as const;
const SAMPLERS = ["always_on", "always_off", "traceidratio"];

/**
 * Null: nothing is traced, because no collector is named or the variables say so.
 * @throws TracingSettingsError
 */
export function tracingSettings(env: Environment): TracingSettings | null {
  const text = (name: string): string | null => env[name]?.trim() || null;
  const endpoint = text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? text("OTEL_EXPORTER_OTLP_ENDPOINT");
  if (endpoint === null || text("OTEL_SDK_DISABLED")?.toLowerCase() === "true") return null;
  const exporter = text("OTEL_TRACES_EXPORTER") ?? "otlp";
  if (exporter === "none") return null;
  if (exporter !== "otlp") throw new TracingSettingsError("OTEL_TRACES_EXPORTER", exporter, "set it to otlp or none");
  return { protocol: protocolOf(text), sampler: samplerOf(text), batch: batchOf(text) };
}

type Text = (name: string) => string | null;

function protocolOf(text: Text): TracingSettings["protocol"] {
  const own = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
  const name = text(own) === null ? "OTEL_EXPORTER_OTLP_PROTOCOL" : own;
  const given = text(name) ?? PROTOCOLS[0];
  const protocol = PROTOCOLS.find((each) => each === given);
  if (protocol !== undefined) return protocol;
  throw new TracingSettingsError(
    name,
    given,
    `set it to ${PROTOCOLS.join(" or ")}, and the endpoint to the collector's port for HTTP (mostly 4318)`,
  );
}

function samplerOf(text: Text): TracingSettings["sampler"] {
  const name = text("OTEL_TRACES_SAMPLER") ?? "parentbased_always_on";
  const isParentBased = name.startsWith("parentbased_");
  const root = isParentBased ? name.slice("parentbased_".length) : name;
  if (!SAMPLERS.includes(root)) {
    const known = SAMPLERS.flatMap((each) => [each, `parentbased_${each}`]);
    throw new TracingSettingsError("OTEL_TRACES_SAMPLER", name, `set it to one of ${known.join(", ")}`);
  }
  if (root !== "traceidratio") return { isParentBased, root: root === "always_on" ? "on" : "off" };
  const given = text("OTEL_TRACES_SAMPLER_ARG") ?? "1";
  const ratio = Number(given);
  if (ratio >= 0 && ratio <= 1) return { isParentBased, root: { ratio } };
  throw new TracingSettingsError("OTEL_TRACES_SAMPLER_ARG", given, "set it to a number from 0 to 1");
}

function batchOf(text: Text): TracingSettings["batch"] {
  const of = (member: keyof TracingSettings["batch"], name: string): TracingSettings["batch"] => {
    const given = text(name);
    if (given === null) return {};
    const number = Number(given);
    if (Number.isSafeInteger(number) && number > 0) return { [member]: number };
    throw new TracingSettingsError(name, given, "set it to a whole number above 0");
  };
  return {
    ...of("scheduledDelayMillis", "OTEL_BSP_SCHEDULE_DELAY"),
    ...of("exportTimeoutMillis", "OTEL_BSP_EXPORT_TIMEOUT"),
    ...of("maxQueueSize", "OTEL_BSP_MAX_QUEUE_SIZE"),
    ...of("maxExportBatchSize", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
  };
}
