import { expect, test } from "vitest";
import { tracingSettings } from "./settings.ts";

const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };

test.each([
  ["no collector is named", {}],
  ["its name is empty", { OTEL_EXPORTER_OTLP_ENDPOINT: "" }],
  ["the kit is switched off", { ...COLLECTOR, OTEL_SDK_DISABLED: "true" }],
  ["traces go nowhere", { ...COLLECTOR, OTEL_TRACES_EXPORTER: "none" }],
])("nothing is traced where %s", (_why, env) => {
  expect(tracingSettings(env)).toBeNull();
});

test.each([
  [{}, { protocol: "http/protobuf", sampler: { isParentBased: true, root: "on" }, batch: {} }],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, { protocol: "http/json" }],
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf" },
    { protocol: "http/protobuf" },
  ],
  [{ OTEL_TRACES_SAMPLER: "always_off" }, { sampler: { isParentBased: false, root: "off" } }],
  [
    { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.01" },
    { sampler: { isParentBased: true, root: { ratio: 0.01 } } },
  ],
  [
    { OTEL_BSP_SCHEDULE_DELAY: "100", OTEL_BSP_MAX_QUEUE_SIZE: "10" },
    { batch: { scheduledDelayMillis: 100, maxQueueSize: 10 } },
  ],
])("with a collector, %o means %o", (env, settings) => {
  expect(tracingSettings({ ...COLLECTOR, ...env })).toMatchObject(settings);
});

test.each([
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, /http\/protobuf or http\/json.*4318/],
  [{ OTEL_TRACES_EXPORTER: "zipkin" }, /otlp or none/],
  [{ OTEL_TRACES_SAMPLER: "sometimes" }, /parentbased_traceidratio/],
  [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "2" }, /from 0 to 1/],
  [{ OTEL_BSP_MAX_QUEUE_SIZE: "many" }, /whole number/],
])("%o is refused, and the hint says what can be done", (env, hint) => {
  expect(() => tracingSettings({ ...COLLECTOR, ...env })).toThrow(
    expect.objectContaining({ code: "tracing_invalid", hint: expect.stringMatching(hint) }),
  );
});

test("a fault names the variable that has it", () => {
  const env = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc" };
  expect(() => tracingSettings({ ...COLLECTOR, ...env })).toThrow('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is "grpc"');
});
