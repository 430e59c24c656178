import type { Registry } from "prom-client";
import { counter, gauge, histogram } from "@sluice/runtime";
import { createPlaceTime, type PlaceTime } from "./requests/place-time.ts";

/** `look`: at a running job, or at the records of one whose status can't be read. `fetch`: of a thin event's document. */
export type RequestKind = "upsert" | "delete" | "job" | "look" | "fetch";

/** One process's view of one destination. These metrics add up over processes. */
export type WriterMetrics = {
  /** `status`: the destination's own word for its answer. */
  requested(kind: RequestKind, status: string, records: number, seconds: number): void;
  /** The rest of the quota, as the destination tells it. */
  quotaRemaining(requests: number): void;
  settled(eventToRecordSeconds: number): void;
  /** A write was confirmed after its flight was over. */
  late(): void;
  /** An object takes no record, or does again. */
  objectHeld(object: string, isHeld: boolean): void;
  /** So many requests may be in flight here. @returns told how many are, whenever that changes */
  places(concurrency: number): (taken: number) => void;
};

export function writerMetrics(registry: Registry, nowMs: () => number): (destination: string) => WriterMetrics {
  const requests = counter(registry, "sluice_destination_requests_total");
  const requestSeconds = histogram(registry, "sluice_destination_request_seconds");
  const batch = histogram(registry, "sluice_batch_records");
  const eventToRecord = histogram(registry, "sluice_event_to_record_seconds");
  const quota = gauge(registry, "sluice_quota_remaining");
  const late = counter(registry, "sluice_late_confirmations_total");
  const objects = gauge(registry, "sluice_object_held");
  const places = gauge(registry, "sluice_request_places");
  const times = new Map<string, PlaceTime>();
  counter(registry, "sluice_request_places_taken_seconds_total", (taken) => {
    taken.reset();
    for (const [destination, time] of times) taken.inc({ destination }, time.seconds());
  });
  return (destination) => ({
    requested(kind, status, records, seconds) {
      requests.inc({ destination, kind, status });
      requestSeconds.observe({ destination, kind }, seconds);
      if (kind !== "look") batch.observe({ destination }, records);
    },
    quotaRemaining: (left) => quota.set({ destination }, left),
    objectHeld: (object, isHeld) => objects.set({ destination, object }, isHeld ? 1 : 0),
    late: () => late.inc({ destination }),
    places(concurrency) {
      places.set({ destination }, concurrency);
      const time = createPlaceTime(nowMs);
      times.set(destination, time);
      return time.take;
    },
    settled: (seconds) => eventToRecord.observe({ destination }, Math.max(0, seconds)),
  });
}

/** Each worker shows the sources whose webhooks it leaves to others. */
export function awaitedMetrics(
  registry: Registry,
  awaited: () => ReadonlyMap<string, number>,
  nowMs: () => number,
): void {
  gauge(registry, "sluice_awaited_seconds", (shown) => {
    shown.reset();
    for (const [source, sinceMs] of awaited()) shown.set({ source }, Math.max(0, (nowMs() - sinceMs) / 1000));
  });
}
