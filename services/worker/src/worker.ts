import { randomUUID } from "node:crypto";
import express from "express";
import pLimit from "p-limit";
import { openQueue, type Queue } from "@sluice/queue";
import { createRegistry, gauge, listen, operations, type Clock, type Configuration, type Log } from "@sluice/runtime";
import { createBreaker, type Breaker } from "./breaker.ts";
import { CLAIMS_PER_REQUEST, LEASE_TIMEOUTS, MIN_LEASE_LEFT_TIMEOUTS } from "./limits.ts";
import { fleetMetrics, writerMetrics } from "./metrics.ts";
import { createWriter } from "./writer.ts";
import { connectDestination } from "./zendesk-destination.ts";

export type WorkerOptions = {
  readonly configuration: Configuration;
  readonly redisUrl: string;
  readonly port: number;
  readonly host?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: () => number;
  /** Keeps several Sluices apart in one Redis. */
  readonly namespace?: string;
  /** Instead of three times the destination's timeout. */
  readonly leaseMs?: number;
};

export type RunningWorker = {
  readonly url: string;
  /**
   * Takes no new work, lets requests under way end, and aborts them after `deadlineMs`: their records
   * are given back, nothing is lost.
   */
  close(deadlineMs: number): Promise<void>;
};

const BREAKER_STATES = { closed: 0, "half-open": 1, open: 2 } as const;

/** Starts the worker role: answers the doorbells of every destination, and serves its own state over HTTP. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { configuration, clock, log } = options;
  const destinations = [...configuration.destinations.values()];
  const names = destinations.map(({ name }) => name);
  const registry = createRegistry();
  const onError = (error: Error): void => log.warn({ error: error.message }, "redis");
  const queue = await openQueue({
    redisUrl: options.redisUrl,
    kind: "worker",
    destinations: names,
    dedupeWindowMs: configuration.dedupeWindowMs,
    orderingHorizonMs: configuration.orderingHorizonMs,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    onError,
  });
  const metricsOf = writerMetrics(registry);
  fleetMetrics(registry, queue, names, randomUUID(), () => clock.nowMs());
  const stop = new AbortController();
  const breakers = new Map<string, Breaker>();
  gauge(registry, "sluice_breaker_state", (state) => {
    for (const [destination, breaker] of breakers) state.set({ destination }, BREAKER_STATES[breaker.state]);
  });

  const working = destinations.map((configured) => {
    const { name, concurrency, timeoutMs } = configured;
    const lane = queue.lane(name);
    const breaker = createBreaker({
      onOpen(forMs) {
        log.warn({ destination: name, forMs }, "breaker open: the destination is held");
        lane.hold(forMs, "breaker").catch(onError);
      },
    });
    breakers.set(name, breaker);
    const destination = connectDestination(configured, queue, log);
    const write = createWriter({
      lane,
      destination,
      breaker,
      metrics: metricsOf(name),
      log,
      clock,
      random: options.random ?? Math.random,
      minLeaseLeftMs: timeoutMs * MIN_LEASE_LEFT_TIMEOUTS,
      inFlight: pLimit(concurrency),
      signal: stop.signal,
    });
    const work = queue.work(name, {
      concurrency: concurrency * CLAIMS_PER_REQUEST,
      leaseMs: options.leaseMs ?? timeoutMs * LEASE_TIMEOUTS,
      write,
    });
    return { work, destination, breaker };
  });

  const app = express()
    .disable("x-powered-by")
    .use(operations({ registry, ready: async () => await ready(queue) }));
  const server = await listen(app, { role: "worker", port: options.port, host: options.host });
  log.info({ url: server.url, destinations: names }, "worker ready");

  return {
    url: server.url,
    async close(deadlineMs) {
      const late = setTimeout(() => stop.abort(new Error("the worker stops")), deadlineMs);
      await Promise.allSettled(working.map(async ({ work }) => await work.close()));
      clearTimeout(late);
      for (const { breaker } of working) breaker.close();
      await Promise.allSettled(working.map(async ({ destination }) => await destination.close()));
      await server.close(1000);
      await queue.close();
    },
  };
}

async function ready(queue: Queue): Promise<Record<string, { ok: boolean; detail: string }>> {
  try {
    return { redis: { ok: true, detail: `${(await queue.ping()).toFixed(1)} ms` } };
  } catch (error) {
    return { redis: { ok: false, detail: error instanceof Error ? error.message : String(error) } };
  }
}
