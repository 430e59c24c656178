import type { Registry } from "prom-client";
import type { Ack, Queue } from "@sluice/queue";
import { describeGrade } from "@sluice/event";
import { counter, gauge, type Configuration } from "@sluice/runtime";
import { nameOfAck } from "./durability.ts";

/** The counts of this process at the door. They add up over processes. */
export type DoorMetrics = {
  /** A webhook with so many events was stored. */
  stored(source: string, events: number): void;
  /** `source` must be a name from the configuration or "unknown": a label is kept for ever. */
  refused(source: string, reason: string): void;
  /** `secret` is its place in the source's list, from 1. */
  secretMatched(source: string, secret: number): void;
};

/** `sources` are shown from the start: a rate would miss the first event of a series that begins with it. */
export function doorMetrics(registry: Registry, sources: Iterable<string>): DoorMetrics {
  const webhooks = counter(registry, "sluice_intake_webhooks_total");
  const events = counter(registry, "sluice_intake_events_total");
  const refused = counter(registry, "sluice_events_refused_total");
  const matches = counter(registry, "sluice_secret_matches_total");
  const lastMatch = gauge(registry, "sluice_secret_last_match_timestamp_seconds");
  // Each webhook touches a few series: each of them is looked up once.
  const stored = kept((source: string) => ({
    webhooks: webhooks.labels({ source }),
    events: events.labels({ source }),
  }));
  const matched = kept((name: string) => {
    const [source, secret] = name.split(" ") as [string, string];
    return { matches: matches.labels({ source, secret }), last: lastMatch.labels({ source, secret }) };
  });
  for (const source of sources) {
    stored(source).webhooks.inc(0);
    stored(source).events.inc(0);
  }
  return {
    stored(source, count) {
      const series = stored(source);
      series.webhooks.inc();
      series.events.inc(count);
    },
    refused: (source, reason) => refused.inc({ source, reason }),
    secretMatched(source, secret) {
      const series = matched(`${source} ${secret}`);
      series.matches.inc();
      series.last.setToCurrentTime();
    },
  };
}

/** Names are few: sources and their secrets. */
function kept<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const fresh = make(name);
    made.set(name, fresh);
    return fresh;
  };
}

/** The present sources, and what a request of each proves. Each ingress shows the same. */
export function sourceMetrics(registry: Registry, sources: () => Configuration["sources"]): void {
  gauge(registry, "sluice_source_info", (info) => {
    info.reset();
    for (const [source, { scheme, secondFactor }] of sources()) {
      info.set({ source, scheme: scheme.name, grade: describeGrade(scheme, secondFactor) }, 1);
    }
  });
}

/** The worth of an acknowledgement on this Redis, and how full the Redis is. Each ingress shows the same. */
export function serverMetrics(
  registry: Registry,
  queue: Queue,
  ack: Ack,
  fileShortened: (() => number) | undefined,
): void {
  gauge(registry, "sluice_ack_durability", (durability) => {
    durability.reset();
    durability.set({ ack: nameOfAck(ack), sync: queue.server.facts.sync }, 1);
  });
  gauge(registry, "sluice_redis_memory_bytes", (memory) => {
    const { facts, budgetBytes } = queue.server;
    memory.set({ of: "used" }, facts.usedBytes);
    if (budgetBytes !== null) memory.set({ of: "budget" }, budgetBytes);
  });
  counter(registry, "sluice_redis_delayed_fsyncs_total", (delayed) => {
    delayed.reset();
    delayed.inc(queue.server.facts.delayedSyncs);
  });
  gauge(registry, "sluice_redis_unwritten_bytes", (unwritten) => unwritten.set(queue.server.facts.unwrittenBytes));
  if (fileShortened === undefined) return;
  counter(registry, "sluice_redis_file_shortened_total", (shortened) => {
    shortened.reset();
    shortened.inc(fileShortened());
  });
}
