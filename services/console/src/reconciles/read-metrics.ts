import { counter, histogram, type createRegistry } from "@sluice/runtime";

/** Counts the requests that reconciles make, beside those of the worker. */
export type ReadMetrics = (destination: string, status: string, records: number, seconds: number) => void;

export function readMetrics(registry: ReturnType<typeof createRegistry>): ReadMetrics {
  const requests = counter(registry, "sluice_destination_requests_total");
  const requestSeconds = histogram(registry, "sluice_destination_request_seconds");
  const read = counter(registry, "sluice_reconcile_records_total");
  return (destination, status, records, seconds) => {
    requests.inc({ destination, kind: "read", status });
    requestSeconds.observe({ destination, kind: "read" }, seconds);
    read.inc({ destination }, records);
  };
}
