import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inject, test as base } from "vitest";
import { openQueue, type DeadLetter, type Queue } from "@sluice/queue";
import type { ChangeEffect } from "@sluice/record";
import { createLog, systemClock, type Clock, type Configuration } from "@sluice/runtime";
import { startWorker, type RunningWorker } from "./worker.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Workers on a real Redis, the door that fills their lanes, and a destination whose answers the test gives. */
export type Workplace = {
  /** The destination's handler of a request; it says yes until a test sets another one. */
  answer: Handler;
  readonly ok: Handler;
  readonly seen: { method: string; url: string; fence: string; atMs: number }[];
  /** The record that a request sent, as JSON. */
  bodyOf(request: IncomingMessage): unknown;
  /** The items of a bulk job. */
  itemsOf(request: IncomingMessage): { external_id: string }[];
  readonly namespace: string;
  readonly door: Queue;
  work(options?: WorkOptions): Promise<RunningWorker>;
  admit(record: string, value: string, version?: bigint, to?: string, object?: string): Promise<void>;
  admitFields(record: string, fields: Readonly<Record<string, string>>, version: bigint): Promise<void>;
  remove(record: string): Promise<void>;
  /** Admits records while the destination is held, so that more are due than may be in flight when it flows again. */
  admitAtOnce(records: readonly string[]): Promise<void>;
  /** Waits until so many changes have ended. */
  ended(count: number, deadlineMs?: number): Promise<Ended>;
  close(): Promise<void>;
};

export type WorkOptions = {
  readonly leaseMs?: number;
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  readonly maxAttempts?: number;
  readonly fences?: boolean | null;
  readonly settleAfterSilenceMs?: number;
  /** How many lanes each destination begins with. */
  readonly lanes?: number;
  readonly requestsPerMinute?: number;
};

type Merged = {
  readonly record: string;
  readonly version: bigint;
  readonly to: string;
  readonly object: string;
  readonly effect: ChangeEffect;
};

export type Ended = {
  readonly applied: number;
  readonly dead: number;
  readonly merged: number;
  readonly pending: number;
  readonly letters: readonly DeadLetter[];
};

/** A test with a workplace of its own. It mostly waits for a worker, so the tests of a file run beside one another. */
// Vitest asks for the pattern.
// oxlint-disable-next-line no-empty-pattern
export const test = base.extend("at", async ({}, { onCleanup }) => {
  const workplace = await openWorkplace();
  onCleanup(async () => await workplace.close());
  return workplace;
});

async function openWorkplace(): Promise<Workplace> {
  const seen: Workplace["seen"] = [];
  const bodies = new WeakMap<IncomingMessage, unknown>();
  const namespace = `worker-${randomUUID()}`;
  const log = createLog({ role: "test", level: "silent" });
  const workers: RunningWorker[] = [];
  const itemsOf: Workplace["itemsOf"] = (request) =>
    (bodies.get(request) as { job: { items: { external_id: string }[] } }).job.items;
  /** A write is confirmed as the contract says; so is each item of a job, at once. */
  const ok: Handler = (request, response) => {
    if (request.method === "DELETE") {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { "content-type": "application/json" });
    if (request.method !== "POST") {
      const external_id = new URL(request.url ?? "", "http://destination").searchParams.get("external_id");
      response.end(JSON.stringify({ custom_object_record: { external_id } }));
      return;
    }
    const results = itemsOf(request).map((_, index) => ({ index, status: "CreateOrUpdate" }));
    const total = results.length;
    const job = { id: "j", status: "completed", total, progress: total, message: null, results };
    response.end(JSON.stringify({ job_status: job }));
  };
  const destination = createServer((request, response) => {
    const fence = String(request.headers["sluice-fence"]);
    seen.push({ method: request.method ?? "", url: request.url ?? "", fence, atMs: performance.now() });
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      bodies.set(request, text === "" ? null : JSON.parse(text));
      workplace.answer(request, response);
    });
  }).listen(0, "127.0.0.1");
  await once(destination, "listening");
  const { port } = destination.address() as AddressInfo;
  const hour = 3_600_000;
  const redisUrl = inject("redisUrl");
  const door = await openQueue({
    redisUrl,
    kind: "door",
    destinations: ["crm", "down"],
    dedupeWindowMs: hour,
    orderingHorizonMs: hour,
    namespace,
    onError: (error: Error) => process.stderr.write(`${error.message}\n`),
  });

  const merge = async (id: string, { record, to, version, object, effect }: Merged): Promise<void> => {
    await door.merging.merge([
      {
        event: { id, type: "t", time: null, source: "erp", data: null, headers: {} },
        rank: 0,
        arrival: { micros: Date.now() * 1000, session: 0 },
        run: 0,
        faults: [],
        changes: [
          {
            destination: to,
            object,
            key: { by: "external_id", value: record },
            version: { kind: "integer", value: version },
            effect,
          },
        ],
      },
    ]);
  };

  const workplace: Workplace = {
    answer: ok,
    ok,
    seen,
    bodyOf: (request) => bodies.get(request),
    itemsOf,
    namespace,
    door,

    async work(options = {}) {
      const { timeoutMs = 20_000, maxAttempts = 20, clock = systemClock, ...rest } = options;
      const { fences = true, settleAfterSilenceMs = 60_000, lanes = 1, requestsPerMinute = 700, ...more } = rest;
      const configuration: Configuration = {
        sources: new Map(),
        objects: new Map(),
        versionSkewMs: 0,
        dedupeWindowMs: hour,
        unknownSourceAfterMs: hour,
        drainDelayMs: 0,
        orderingHorizonMs: hour,
        ack: "redis",
        redisMemoryBudget: { share: 0.8 },
        destinations: new Map(
          [
            { name: "crm", url: `http://127.0.0.1:${port}` },
            // Nobody listens there.
            { name: "down", url: "http://127.0.0.1:1" },
          ].map(({ name, url }) => [
            name,
            {
              name,
              kind: "zendesk",
              url,
              auth: { bearer: "t" },
              requestsPerMinute,
              concurrency: 4,
              lanes,
              maxInFlight: null,
              batch: 100,
              timeoutMs,
              fences,
              settleAfterSilenceMs,
              retry: { maxAttempts, deadlineMs: 24 * hour, firstDelayMs: 500, longestDelayMs: 60_000 },
              skipUnchanged: false,
            },
          ]),
        ),
      };
      const worker = await startWorker({ configuration, redisUrl, port: 0, clock, log, namespace, ...more });
      workers.push(worker);
      return worker;
    },

    async admit(record, value, version = 1n, to = "crm", object = "customer") {
      const effect = { kind: "fields", fields: new Map([["tier", value]]) } as const;
      await merge(object === "customer" ? `${record}-${value}` : `${object}-${record}-${value}`, {
        record,
        version,
        to,
        object,
        effect,
      });
    },

    async admitFields(record, values, version) {
      const effect = { kind: "fields", fields: new Map(Object.entries(values)) } as const;
      await merge(`${record}-${version}`, { record, version, to: "crm", object: "customer", effect });
    },

    async remove(record) {
      await merge(`${record}-gone`, { record, version: 2n, to: "crm", object: "customer", effect: { kind: "delete" } });
    },

    async admitAtOnce(records) {
      await door.gate("crm").hold(null, "operator");
      await Promise.all(records.map(async (record) => await workplace.admit(record, "v")));
      await door.gate("crm").resume();
    },

    async ended(count, deadlineMs = 120_000) {
      const sum = (bySource: ReadonlyMap<string, number> | undefined): number =>
        [...(bySource?.values() ?? [])].reduce((a, b) => a + b, 0);
      const end = performance.now() + deadlineMs;
      for (;;) {
        const { outcomes, open } = await door.lane("crm").numbers();
        const all = [...outcomes.values()].reduce((total, each) => total + sum(each), 0);
        if (all >= count) {
          const of = (outcome: "applied" | "dead" | "merged"): number => sum(outcomes.get(outcome));
          const letters = await Array.fromAsync(door.lane("crm").dead.all());
          return { applied: of("applied"), dead: of("dead"), merged: of("merged"), pending: sum(open), letters };
        }
        if (performance.now() > end) throw new Error(`${all} of ${count} ended after ${deadlineMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },

    async close() {
      await Promise.all(workers.map(async (worker) => await worker.close(0)));
      await door.close();
      destination.closeAllConnections();
      destination.close();
    },
  };
  return workplace;
}

/** Answers every request alike. */
export function status(code: number, headers: Record<string, string> = {}, body = "{}"): Handler {
  return (_request, response) => response.writeHead(code, { "content-type": "application/json", ...headers }).end(body);
}

export function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `r${index}`);
}
