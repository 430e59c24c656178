import express from "express";
import { expect, onTestFinished, test, vi } from "vitest";
import { LIMITS } from "./limits.ts";
import { listen } from "./listen.ts";
import { counter, createRegistry, gauge, histogram, METRICS } from "./metrics.ts";
import { operations, type Operations } from "./operations.ts";

async function served(ready: Operations["ready"], token?: string) {
  const registry = createRegistry();
  const listening = await listen(express().use(operations({ registry, ready, token })), { role: "worker", port: 0 });
  onTestFinished(() => listening.close(0));
  return { registry, url: listening.url };
}

test("a role that has all it needs is healthy and ready", async () => {
  const { url } = await served(async () => ({ redis: { ok: true, detail: "0.2 ms" } }));
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({ status: "ready", checks: { redis: { ok: true, detail: "0.2 ms" } } });
});

test("one that lacks something, or fails to find out, is healthy but not ready", async () => {
  const lacking = await served(async () => ({ redis: { ok: true }, database: { ok: false, detail: "refused" } }));
  const response = await fetch(`${lacking.url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ status: "not ready", checks: { database: { detail: "refused" } } });
  expect((await fetch(`${lacking.url}/healthz`)).status).toBe(200);

  const failing = await served(() => Promise.reject(new Error("broken pipe")));
  expect(await (await fetch(`${failing.url}/readyz`)).json()).toMatchObject({
    checks: { readiness: { ok: false, detail: "broken pipe" } },
  });
});

test("a check that hangs is not ready, in time for whoever asks", async () => {
  const asked = Promise.withResolvers<void>();
  const { url } = await served(() => {
    asked.resolve();
    return new Promise(() => {});
  });
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const pending = fetch(`${url}/readyz`);
  await asked.promise;
  vi.advanceTimersByTime(LIMITS.readinessDeadlineMs);
  expect((await pending).status).toBe(503);
});

test("metrics show what was counted and the figures of the process, without the values of other registries", async () => {
  const { registry, url } = await served(async () => ({}));
  counter(registry, "sluice_intake_events_total").inc({ source: "netsuite" }, 3);
  gauge(registry, "sluice_breaker_state", (state) => state.set({ destination: "crm" }, 2));
  histogram(registry, "sluice_batch_records").observe({ destination: "crm" }, 100);
  counter(createRegistry(), "sluice_intake_events_total").inc({ source: "other" });
  const text = await (await fetch(`${url}/metrics`)).text();
  expect(text).toContain('sluice_intake_events_total{source="netsuite"} 3');
  expect(text).toContain('sluice_breaker_state{destination="crm"} 2');
  expect(text).toContain('sluice_batch_records_bucket{le="100",destination="crm"} 1');
  expect(text).toContain("process_resident_memory_bytes");
  expect(text).not.toContain('source="other"');
});

test("with a token metrics and reasons are for who has it, and everybody else hears whether the role is ready", async () => {
  const { url } = await served(async () => ({ redis: { ok: false, detail: "connect 10.0.0.7" } }), "the-token");
  const asked = async (path: string, authorization?: string): Promise<Response> =>
    await fetch(`${url}${path}`, authorization === undefined ? {} : { headers: { authorization } });
  for (const given of [
    undefined,
    "Bearer the-toke",
    "Bearer the-token2",
    "Basic dGhlLXRva2Vu",
    "the-token",
    "Bearer ",
  ]) {
    const refused = await asked("/metrics", given);
    expect(refused.status, given).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain("Bearer");
    expect(await refused.text()).not.toContain("process_");
    const readiness = await asked("/readyz", given);
    expect([readiness.status, await readiness.json()]).toEqual([503, { status: "not ready" }]);
  }
  expect(await (await asked("/metrics", "Bearer the-token")).text()).toContain("process_resident_memory_bytes");
  expect(await (await asked("/readyz", "bearer the-token")).json()).toMatchObject({ checks: { redis: { ok: false } } });
  expect((await asked("/healthz")).status).toBe(200);
});

test("every metric is named as Prometheus asks", () => {
  for (const [name, { kind }] of Object.entries(METRICS)) {
    expect(name).toMatch(/^sluice_[a-z_]+$/);
    expect(name.endsWith("_total"), name).toBe(kind === "counter");
  }
});
