import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

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
