import type { Registry } from "prom-client";
import type { Ack, Merged, Queue } from "@sluice/queue";
import { describeGrade } from "@sluice/event";
import { counter, gauge, type Configuration } from "@sluice/runtime";
import { nameOfAck } from "./durability.ts";

/** What this process saw at the door. These add up over processes. */
export type DoorMetrics = {
  admitted(source: string, status: Merged): void;
  /** `source` must be a name from the configuration or "unknown": a label is kept for ever. */
  refused(source: string, reason: string): void;
  /** `secret` is its place in the source's list, from 1. */
  secretMatched(source: string, secret: number): void;
};

/** `sources` are shown from the start: of a series that begins with its first event, rates miss that event. */
export function doorMetrics(registry: Registry, sources: Iterable<string>): DoorMetrics {
  const accepted = counter(registry, "sluice_events_accepted_total");
  const duplicate = counter(registry, "sluice_events_duplicate_total");
  const ignored = counter(registry, "sluice_events_ignored_total");
  const refused = counter(registry, "sluice_events_refused_total");
  const matches = counter(registry, "sluice_secret_matches_total");
  const lastMatch = gauge(registry, "sluice_secret_last_match_timestamp_seconds");
  for (const source of sources) {
    for (const each of [accepted, duplicate, ignored]) each.inc({ source }, 0);
  }
  return {
    admitted(source, status) {
      if (status === "duplicate") duplicate.inc({ source });
      else if (status === "ignored") ignored.inc({ source });
      else accepted.inc({ source });
    },
    refused: (source, reason) => refused.inc({ source, reason }),
    secretMatched(source, secret) {
      matches.inc({ source, secret });
      lastMatch.setToCurrentTime({ source, secret });
    },
  };
}

/** Which sources there are now, and what a request of each proves. Each ingress shows the same. */
export function sourceMetrics(registry: Registry, sources: () => Configuration["sources"]): void {
  gauge(registry, "sluice_source_info", (info) => {
    info.reset();
    for (const [source, { scheme, secondFactor }] of sources()) {
      info.set({ source, scheme: scheme.name, grade: describeGrade(scheme, secondFactor) }, 1);
    }
  });
}

/** How long the one ingress that exports the fleet's number may be silent before another does. */
const EXPORTER_TERM_MS = 30_000;

/** Changes accepted by the whole fleet, read from Redis; exactly one ingress shows them at a time. */
export function fleetMetrics(
  registry: Registry,
  queue: Queue,
  destinations: readonly string[],
  candidate: string,
): void {
  counter(registry, "sluice_changes_accepted_total", async (changes) => {
    // While Redis is away there is no number to show; /readyz says why.
    const elected = await queue.elect("exporter:ingress", candidate, EXPORTER_TERM_MS).catch(() => false);
    const lanes = elected
      ? await Promise.all(destinations.map(async (name) => [name, await queue.lane(name).numbers()] as const)).catch(
          () => [],
        )
      : [];
    changes.reset();
    for (const [destination, { accepted }] of lanes) {
      for (const [source, count] of accepted) changes.inc({ source, destination }, count);
    }
  });
}

/** What an acknowledgement is worth on this Redis, and how full it is. Each ingress shows the same. */
export function serverMetrics(registry: Registry, queue: Queue, ack: Ack): void {
  gauge(registry, "sluice_ack_durability", (durability) => {
    durability.reset();
    durability.set({ ack: nameOfAck(ack), sync: queue.server.facts.sync }, 1);
  });
  gauge(registry, "sluice_redis_memory_bytes", (memory) => {
    const { facts, budgetBytes } = queue.server;
    memory.set({ of: "used" }, facts.usedBytes);
    if (budgetBytes !== null) memory.set({ of: "budget" }, budgetBytes);
  });
}
