import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { awaiting, CONFIGURATION, signed } from "../fleet.ts";
import { until } from "../redis-programs.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";
import { upserted } from "../upserted.ts";

/** A door and a worker as processes, a collector that keeps the spans it is sent, and a destination that keeps the headers of its requests. */
type Attribute = {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
};
type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
};
type Export = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
};
type Asked = {
  readonly path: string;
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
};

const folder = mkdtempSync(join(tmpdir(), "sluice-traces-"));
const spans: Span[] = [];
const services = new Set<string | undefined>();
const asked: Asked[] = [];
/** The destination answers no request while this is pending. */
let held: Promise<void> = Promise.resolve();
let servers: readonly Server[] = [];
let processes: readonly SluiceProcess[] = [];
let door: string;

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const collector = createServer((request, response) => {
    void (async () => {
      const { resourceSpans } = (await json(request)) as Export;
      for (const { resource, scopeSpans } of resourceSpans) {
        services.add(textOf(resource.attributes, "service.name"));
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      }
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    })();
  });
  const destination = createServer((request, response) => {
    void (async () => {
      const { traceparent, tracestate } = request.headers as Record<string, string | undefined>;
      asked.push({ path: request.url ?? "", traceparent, tracestate });
      await held;
      response.end(upserted(request.url));
    })();
  });
  servers = [collector, destination];
  writeFileSync(join(folder, "sluice.yaml"), CONFIGURATION);
  const [ingress, worker] = [await freePort(), await freePort()];
  const env = {
    SLUICE_CONFIG: join(folder, "sluice.yaml"),
    SLUICE_DATA_DIR: folder,
    // A database of its own: workers of other tests must not understand these webhooks.
    SLUICE_REDIS_URL: inject("redisUrl").replace(/\/0$/, "/13"),
    SLUICE_INGRESS_PORT: String(ingress),
    SLUICE_WORKER_PORT: String(worker),
    SLUICE_LOG: "debug",
    SLUICE_RECORDS_TOKEN: "t",
    RECORDS_URL: await listening(destination),
    OTEL_EXPORTER_OTLP_ENDPOINT: await listening(collector),
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_SERVICE_NAME: "sluice-of-a-test",
    OTEL_BSP_SCHEDULE_DELAY: "50",
  };
  processes = [startSluice(["ingress"], env), startSluice(["worker"], env)];
  await Promise.all([processes[0]!.ready(ingress), processes[1]!.ready(worker)]);
  door = `http://127.0.0.1:${ingress}/webhooks/erp`;
});
afterAll(async () => {
  await Promise.all(processes.map(async (each) => await each.end("SIGKILL")));
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

const TRACES = ["1".repeat(32), "2".repeat(32), "3".repeat(32)] as const;
const SENDER = "00f067aa0ba902b7";

async function send(id: string, data: object, headers: Readonly<Record<string, string>>): Promise<void> {
  const request = awaiting(signed(id, JSON.stringify({ type: "customer.updated", data })));
  const { status } = await fetch(door, { ...request, headers: { ...request.headers, ...headers } });
  expect(status).toBe(202);
}

const from = (trace: string): Record<string, string> => ({ traceparent: `00-${trace}-${SENDER}-01` });
const spansOf = (trace: string): readonly Span[] => spans.filter(({ traceId }) => traceId === trace);
const named = (trace: string, name: string): Span => spansOf(trace).find((span) => span.name === name)!;
const NAMES = ["POST /webhooks/{source}", "understand", "merge", "flight crm", "upsert crm"];

test("a webhook is in its sender's trace from the door to the destination, and events that meet in one write are linked", async () => {
  let release = (): void => {};
  held = new Promise((resolve) => (release = resolve));
  const first = { id: 1, name: "Ada", version: 1 };
  await send("e-1", first, { ...from(TRACES[0]), tracestate: "vendor=a1" });
  await until(() => asked.length === 1);
  // The record is being written: both that come now wait, and go out together.
  await send("e-2", { ...first, tier: "gold", version: 2 }, from(TRACES[1]));
  await send("e-3", { ...first, city: "Rome", version: 3 }, from(TRACES[2]));
  release();
  await until(() => spansOf(TRACES[1]).length === NAMES.length && spansOf(TRACES[2]).length === 3);

  const [byDoor, understood, merged, flight, request] = NAMES.map((name) => named(TRACES[0], name));
  expect(byDoor).toMatchObject({ parentSpanId: SENDER, kind: 2 });
  expect(understood).toMatchObject({ parentSpanId: byDoor!.spanId, kind: 5 });
  expect(merged).toMatchObject({ parentSpanId: understood!.spanId });
  expect(flight).toMatchObject({ parentSpanId: understood!.spanId, links: [{ spanId: understood!.spanId }] });
  expect(request).toMatchObject({ parentSpanId: flight!.spanId, kind: 3 });
  expect(asked[0]).toMatchObject({ traceparent: `00-${TRACES[0]}-${request!.spanId}-01`, tracestate: "vendor=a1" });
  for (const { startTimeUnixNano, endTimeUnixNano } of spans)
    expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
  expect(textOf(byDoor!.attributes, "sluice.source")).toBe("erp");
  expect(textOf(flight!.attributes, "sluice.verdict")).toBe("settle");

  // The second write is in the trace of the older event, and names both.
  expect(asked).toHaveLength(2);
  const met = named(TRACES[1], "flight crm");
  expect(met.links).toEqual([TRACES[1], TRACES[2]].map((trace) => expect.objectContaining({ traceId: trace })));
  expect(met.links!.map(({ spanId }) => spanId)).toEqual(
    [TRACES[1], TRACES[2]].map((trace) => named(trace, "understand").spanId),
  );
  expect(asked[1]!.traceparent).toBe(`00-${TRACES[1]}-${named(TRACES[1], "upsert crm").spanId}-01`);
  expect([...services]).toEqual(["sluice-of-a-test"]);

  const [ofDoor, ofWorker] = processes.map((each) => each.output());
  expect(ofDoor).toContain(`"trace_id":"${TRACES[0]}"`);
  expect(ofWorker).toContain(`"trace_id":"${TRACES[0]}"`);
});

test("a trace that its sender does not sample is not told, and the destination hears of none", async () => {
  const before = asked.length;
  await send("e-5", { id: 2, name: "Grace", version: 1 }, { traceparent: `00-${"5".repeat(32)}-${SENDER}-00` });
  await until(() => asked.length > before);
  expect(asked[before]!.traceparent).toBeUndefined();
  expect(spansOf("5".repeat(32))).toEqual([]);
});

test("a request that proves nothing makes no span", async () => {
  const trace = "6".repeat(32);
  const request = signed("e-6", "{}", Buffer.from("another secret"));
  const { status } = await fetch(door, { ...request, headers: { ...request.headers, ...from(trace) } });
  expect(status).toBe(401);
  // A span that comes later shows that this one would have come before.
  await send("e-7", { id: 3, name: "Alan", version: 1 }, from("7".repeat(32)));
  await until(() => spansOf("7".repeat(32)).length === NAMES.length);
  expect(spansOf(trace)).toEqual([]);
});

function textOf(attributes: readonly Attribute[], name: string): string | undefined {
  return attributes.find(({ key }) => key === name)?.value.stringValue;
}
