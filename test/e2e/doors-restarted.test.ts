import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { CONFIGURATION, signed, type SignedRequest } from "../fleet.ts";
import { until } from "../redis-programs.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";

/** Two doors behind a load balancer that looks at /readyz, as any does, and sends each request once. */
const dataDir = mkdtempSync(join(tmpdir(), "sluice-doors-"));
const LOOK_EVERY_MS = 100;
const PERIOD_MS = 20;
let doors: SluiceProcess[];
let ports: number[];
let balancer: Balancer;

beforeAll(async () => {
  writeFileSync(join(dataDir, "sluice.yaml"), CONFIGURATION);
  ports = [await freePort(), await freePort()];
  doors = ports.map(startDoor);
  await Promise.all(doors.map(async (door, at) => await door.ready(ports[at]!)));
  balancer = await openBalancer(ports);
});
afterAll(async () => {
  balancer?.close();
  await Promise.all((doors ?? []).map(async (door) => await door.end("SIGKILL")));
  rmSync(dataDir, { recursive: true, force: true });
});

function startDoor(port: number): SluiceProcess {
  return startSluice(["ingress"], {
    SLUICE_CONFIG: join(dataDir, "sluice.yaml"),
    SLUICE_DATA_DIR: dataDir,
    // Webhooks that these doors store are for no other test's workers.
    SLUICE_REDIS_URL: inject("redisUrl").replace(/\/0$/, "/9"),
    SLUICE_INGRESS_PORT: String(port),
    SLUICE_RECORDS_TOKEN: "t",
    RECORDS_URL: "http://127.0.0.1:1",
  });
}

type Balancer = { readonly url: string; readonly ready: ReadonlySet<number>; close(): void };

async function openBalancer(all: readonly number[]): Promise<Balancer> {
  const ready = new Set(all);
  const agent = new Agent({ keepAlive: true });
  const look = async (): Promise<void> => {
    for (const port of all) {
      const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) ready.add(port);
      else ready.delete(port);
    }
  };
  const closed = new AbortController();
  const looking = (async () => {
    while (!closed.signal.aborted) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  })();
  let turn = 0;
  const server: Server = createServer((incoming, response) => {
    turn += 1;
    const port = [...ready][turn % Math.max(1, ready.size)];
    if (port === undefined) return void response.writeHead(502).end();
    const onward = request(
      { host: "127.0.0.1", port, path: incoming.url, method: incoming.method, headers: incoming.headers, agent },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.writeHead(502).end());
    incoming.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ready,
    close() {
      closed.abort();
      void looking;
      agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

test("two doors are restarted one after the other under 50 webhooks a second, and not one is refused", async () => {
  const statuses = new Map<number, number>();
  const asked: Promise<void>[] = [];
  let number = 0;
  const ask = async (sent: SignedRequest): Promise<void> => {
    const response = await fetch(`${balancer.url}/webhooks/erp`, sent);
    await response.arrayBuffer();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  };
  const sending = setInterval(() => {
    number += 1;
    const data = { id: number, name: "Customer", tier: "gold", version: number };
    const sent = signed(`doors-${number}`, JSON.stringify({ type: "customer.updated", data }));
    asked.push(ask(sent));
  }, PERIOD_MS);
  for (const [at, port] of ports.entries()) {
    const before = number;
    const ended = doors[at]!.end("SIGTERM");
    await until(() => !balancer.ready.has(port));
    expect(await ended).toBe(0);
    doors[at] = startDoor(port);
    await until(() => balancer.ready.has(port), 300_000);
    expect(number).toBeGreaterThan(before + 20);
  }
  clearInterval(sending);
  await Promise.all(asked);
  expect([...statuses]).toEqual([[202, number]]);
});
