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
  const refused = counter(registry, "sluice_events_refused_total");
  // A webhook counts in several series. They are numbers here, and the registry's when somebody looks at it.
  const stored = kept(() => ({ webhooks: 0, events: 0 }));
  const matched = kept(() => kept<SecretUse, number>(() => ({ matches: 0, lastMs: 0 })));
  for (const source of sources) stored.of(source);
  counter(registry, "sluice_intake_webhooks_total", (shown) => {
    shown.reset();
    for (const [source, { webhooks }] of stored.all) shown.inc({ source }, webhooks);
  });
  counter(registry, "sluice_intake_events_total", (shown) => {
    shown.reset();
    for (const [source, { events }] of stored.all) shown.inc({ source }, events);
  });
  const secretsUsed = (): readonly (readonly [labels: { source: string; secret: number }, SecretUse])[] =>
    [...matched.all].flatMap(([source, { all }]) =>
      [...all].map(([secret, use]) => [{ source, secret }, use] as const),
    );
  counter(registry, "sluice_secret_matches_total", (shown) => {
    shown.reset();
    for (const [labels, { matches }] of secretsUsed()) shown.inc(labels, matches);
  });
  gauge(registry, "sluice_secret_last_match_timestamp_seconds", (shown) => {
    for (const [labels, { lastMs }] of secretsUsed()) shown.set(labels, lastMs / 1000);
  });
  return {
    stored(source, events) {
      const counts = stored.of(source);
      counts.webhooks += 1;
      counts.events += events;
    },
    refused: (source, reason) => refused.inc({ source, reason }),
    secretMatched(source, secret) {
      const use = matched.of(source).of(secret);
      use.matches += 1;
      use.lastMs = Date.now();
    },
  };
}

type SecretUse = { matches: number; lastMs: number };

/** Values that are made when they are first asked for. Names are few: sources and their secrets. */
function kept<Value, Name = string>(
  make: () => Value,
): { of(name: Name): Value; readonly all: ReadonlyMap<Name, Value> } {
  const all = new Map<Name, Value>();
  return {
    all,
    of(name) {
      const known = all.get(name);
      if (known !== undefined) return known;
      const fresh = make();
      all.set(name, fresh);
      return fresh;
    },
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
