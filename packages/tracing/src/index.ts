export { openTracing } from "./open-tracing.ts";
export { TracingSettingsError } from "./settings.ts";
export { contextOfHeaders } from "./trace-context.ts";
export type { Span, Tracing } from "./tracing.ts";
