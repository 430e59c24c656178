import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { openTracing } from "./open-tracing.ts";

const run = promisify(execFile);

/** Opens tracing in a process of its own, and yields which of OpenTelemetry's packages that loaded. */
async function loadedWith(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = new Set();
    registerHooks({
      load(url, context, next) {
        const name = /node_modules\\/(@opentelemetry\\/[\\w-]+)\\/(?!.*node_modules)/.exec(url)?.[1];
        if (name !== undefined) loaded.add(name);
        return next(url, context);
      },
    });
    const { openTracing } = await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
    const tracing = await openTracing({
      env: process.env, version: "1", nowMs: Date.now, steadyMs: () => performance.now(), onFault() {},
    });
    console.log(JSON.stringify([tracing !== null, ...loaded]));
    process.exit();
  `;
  const given = { PATH: process.env["PATH"], ...env };
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { env: given });
  const [isOn, ...packages] = JSON.parse(stdout) as [boolean, ...string[]];
  expect(isOn).toBe(packages.length > 0);
  return packages;
}

test("without a collector nothing of OpenTelemetry is loaded", async () => {
  expect(await loadedWith({})).toEqual([]);
  expect(await loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_SDK_DISABLED: "true" })).toEqual(
    [],
  );
});

test("with a collector the one exporter is loaded that speaks its protocol", async () => {
  const loaded = await loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" });
  expect(loaded).toContain("@opentelemetry/sdk-trace");
  expect(loaded).toContain("@opentelemetry/exporter-trace-otlp-proto");
  expect(loaded).not.toContain("@opentelemetry/exporter-trace-otlp-http");
});

const PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";

test.each([
  ["parentbased_always_on", "01", true],
  ["parentbased_always_on", "00", false],
  ["always_on", "00", true],
  ["always_off", "01", false],
  ["traceidratio", "01", false],
])("with %s and a sender's flags of %s a trace goes on: %s", async (sampler, flags, goesOn) => {
  const tracing = await openTracing({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
      OTEL_TRACES_SAMPLER: sampler,
      OTEL_TRACES_SAMPLER_ARG: "0",
    },
    version: "1",
    nowMs: () => 0,
    steadyMs: () => 0,
    onFault: (message) => expect.fail(message),
  });
  const { context } = tracing!.begin("of a test", { kind: "server", parent: `${PARENT}-${flags}` });
  expect(context !== null).toBe(goesOn);
  await tracing!.close(1000);
});

test("closing sends what is left, and waits for a collector that does not answer as long as it may", async () => {
  let asked = 0;
  const collector = createServer(() => (asked += 1)).listen(0, "127.0.0.1");
  await once(collector, "listening");
  onTestFinished(() => {
    collector.closeAllConnections();
    collector.close();
  });
  // A process of its own, since the exporter goes on trying.
  const script = `
    const { openTracing } = await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
    const tracing = await openTracing({
      env: process.env, version: "1", nowMs: Date.now, steadyMs: () => performance.now(), onFault() {},
    });
    tracing.begin("of a test", { kind: "server", parent: null }).end({}, null);
    const closedAt = performance.now();
    await tracing.close(1000);
    console.log(performance.now() - closedAt);
    process.exit();
  `;
  const { port } = collector.address() as AddressInfo;
  const env = { PATH: process.env["PATH"], OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { env });
  expect(asked).toBe(1);
  expect(Number(stdout)).toBeGreaterThan(900);
  expect(Number(stdout)).toBeLessThan(1800);
});
