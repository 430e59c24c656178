import { createRequire } from "node:module";
import type { Counter, Gauge, Histogram, Registry } from "prom-client";

/**
 * Every metric of Sluice, its meaning and its labels. A role makes the ones that it counts with
 * `counter`, `gauge` and `histogram`, which accept no other names; a test holds this table against the docs.
 */
export const METRICS = {
  sluice_intake_webhooks_total: {
    kind: "counter",
    labels: ["source"],
    help: "Webhooks stored, for which a 2xx was given.",
  },
  sluice_intake_events_total: {
    kind: "counter",
    labels: ["source"],
    help: "Events in the webhooks that were stored.",
  },
  sluice_events_refused_total: {
    kind: "counter",
    labels: ["source", "reason"],
    help: "Requests refused at the door.",
  },
  sluice_source_info: {
    kind: "gauge",
    labels: ["source", "scheme", "grade"],
    help: "1 for each source: its scheme, and what a request of it proves.",
  },
  sluice_secret_matches_total: {
    kind: "counter",
    labels: ["source", "secret"],
    help: "Requests made with each of a source's secrets, by its place in the list, from 1.",
  },
  sluice_secret_last_match_timestamp_seconds: {
    kind: "gauge",
    labels: ["source", "secret"],
    help: "When a request was last made with the secret. One that stays old can be taken out.",
  },
  sluice_configuration_reads_total: {
    kind: "counter",
    labels: ["result"],
    help: "Times that a changed configuration was read again: used, or kept the old one because the new one has a fault.",
  },
  sluice_configuration_outdated: {
    kind: "gauge",
    labels: [],
    help: "1 while the configuration as it was last read is not in use, because it has a fault or needs a restart.",
  },
  sluice_ack_durability: {
    kind: "gauge",
    labels: ["ack", "sync"],
    help: "1 at the state that a 2xx waits for, and when Redis itself syncs to its disk.",
  },
  sluice_redis_memory_bytes: {
    kind: "gauge",
    labels: ["of"],
    help: "Memory that Redis uses, and the budget above which nothing is admitted.",
  },
  sluice_redis_delayed_fsyncs_total: {
    kind: "counter",
    labels: [],
    help: "Times that Redis wrote to its file behind a sync that took longer than two seconds, since Redis began.",
  },
  sluice_redis_unwritten_bytes: {
    kind: "gauge",
    labels: [],
    help: "Bytes that Redis has acknowledged and not yet written to its file, while a sync of the file runs.",
  },
  sluice_redis_file_shortened_total: {
    kind: "counter",
    labels: [],
    help: "Starts of the private Redis with less of its append-only file than there was: the end could not be read.",
  },
  sluice_state_went_back: {
    kind: "gauge",
    labels: [],
    help: "Times that the state in Redis was found older than what was known of it, and nobody has looked after it since.",
  },
  sluice_workers: {
    kind: "gauge",
    labels: [],
    help: "Workers that were heard of within the last ten seconds.",
  },
  sluice_intake_waiting_webhooks: {
    kind: "gauge",
    labels: [],
    help: "Webhooks that are stored and not yet understood.",
  },
  sluice_intake_waiting_bytes: {
    kind: "gauge",
    labels: [],
    help: "Bytes that waiting webhooks take in Redis. At an eighth of the budget nothing more is stored.",
  },
  sluice_intake_oldest_seconds: {
    kind: "gauge",
    labels: [],
    help: "Age of the oldest webhook that is not yet understood.",
  },
  sluice_intake_jobs: {
    kind: "gauge",
    labels: ["state"],
    help: "Jobs of the intake: waiting, active, delayed, and failed, of which there should be none.",
  },
  sluice_intake_jobs_added_total: {
    kind: "counter",
    labels: [],
    help: "Jobs added to the intake: completed + waiting + active + delayed + failed.",
  },
  sluice_intake_jobs_completed_total: {
    kind: "counter",
    labels: [],
    help: "Jobs of the intake that were understood.",
  },
  sluice_intake_unreadable_jobs_total: {
    kind: "counter",
    labels: [],
    help: "Jobs that no worker could read. Each is a dead letter of the intake.",
  },
  sluice_intake_dead_letters: {
    kind: "gauge",
    labels: [],
    help: "Dead letters of webhooks that could not be understood.",
  },
  sluice_events_understood_total: {
    kind: "counter",
    labels: ["source", "result"],
    help: "Events understood: made (changes), duplicate, ignored (no mapping wanted them) or dead.",
  },
  sluice_awaited_seconds: {
    kind: "gauge",
    labels: ["source"],
    help: "Age of the oldest webhook of a source that this worker leaves to one with the door's configuration.",
  },
  sluice_unserved_records: {
    kind: "gauge",
    labels: ["destination", "state"],
    help: "Records of a lane that no living worker's file names: pending, dead, or remembered so that nothing older is written.",
  },
  sluice_unknown_events: {
    kind: "gauge",
    labels: ["source", "type"],
    help: "Events of the last seven days of a type that no mapping takes or names, and that `unmapped` does not.",
  },
  sluice_understanding_seconds: {
    kind: "histogram",
    labels: [],
    help: "How long a job of the intake took from its start to its booking.",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
  },
  sluice_history_waiting: {
    kind: "gauge",
    labels: ["what"],
    help: "Lines that wait to be archived: items (events and flights) and bytes.",
  },
  sluice_history_lag_seconds: {
    kind: "gauge",
    labels: [],
    help: "How long the oldest line that waits to be archived has waited. A second or two while the history's database answers.",
  },
  sluice_history_left_out_total: {
    kind: "counter",
    labels: ["what"],
    help: "Events and flights that are not in the history because more waited than may.",
  },
  sluice_history_written_bytes_total: {
    kind: "counter",
    labels: [],
    help: "Bytes that were written to the history's database, as they are stored.",
  },
  sluice_changes_accepted_total: {
    kind: "counter",
    labels: ["source", "destination"],
    help: "Changes accepted: an event counts once for each record that it touches. Equals outcomes + pending.",
  },
  sluice_outcomes_total: {
    kind: "counter",
    labels: ["destination", "outcome"],
    help: "Where accepted changes ended.",
  },
  sluice_ties_total: {
    kind: "counter",
    labels: ["source", "destination"],
    help: "Changes whose order nothing but their arrival decided.",
  },
  sluice_pending_changes: {
    kind: "gauge",
    labels: ["destination"],
    help: "Accepted changes that have no outcome yet.",
  },
  sluice_pending_records: {
    kind: "gauge",
    labels: ["destination"],
    help: "Records with a change that waits or is being written.",
  },
  sluice_oldest_pending_seconds: {
    kind: "gauge",
    labels: ["destination"],
    help: "Age of the oldest pending record.",
  },
  sluice_backlog_seconds: {
    kind: "gauge",
    labels: ["destination"],
    help: "In how many seconds the backlog is gone at the rate of the last minute; +Inf: nothing ends.",
  },
  sluice_dead_records: {
    kind: "gauge",
    labels: ["destination"],
    help: "Records with a dead letter.",
  },
  sluice_dead_letters_room_ratio: {
    kind: "gauge",
    labels: ["source"],
    help: "Dead letters of the source, as a part of the room that they may take in Redis. At 1 its webhooks get 503.",
  },
  sluice_dead_letters_in_history: {
    kind: "gauge",
    labels: ["destination", "source"],
    help: "Dead letters of the source that left Redis for the history; `intake` is no destination's.",
  },
  sluice_dead_letters_filed_total: {
    kind: "counter",
    labels: [],
    help: "Dead letters that this worker moved into the history, wholly or in part.",
  },
  sluice_dead_letters_dropped_total: {
    kind: "counter",
    labels: ["source"],
    help: "Dead letters that went with a day that the history dropped, as this worker found.",
  },
  sluice_destination_requests_total: {
    kind: "counter",
    labels: ["destination", "kind", "status"],
    help: "Requests to the destination by kind of request and status (or kind of failure).",
  },
  sluice_destination_request_seconds: {
    kind: "histogram",
    labels: ["destination", "kind"],
    help: "How long the destination took to answer.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  sluice_request_places: {
    kind: "gauge",
    labels: ["destination"],
    help: "Requests that this worker may have in flight at the destination: its `concurrency`.",
  },
  sluice_request_places_taken_seconds_total: {
    kind: "counter",
    labels: ["destination"],
    help: "Seconds for which these places were taken, summed over them: its rate is the mean number of requests in flight.",
  },
  sluice_reconcile_records_total: {
    kind: "counter",
    labels: ["destination"],
    help: "Records that reconciles asked the destination for.",
  },
  sluice_late_confirmations_total: {
    kind: "counter",
    labels: ["destination"],
    help: "Writes that a destination without fencing confirmed after their flight was over: what it holds may be older.",
  },
  sluice_batch_records: {
    kind: "histogram",
    labels: ["destination"],
    help: "Records in one call to the destination.",
    buckets: [1, 2, 5, 10, 20, 50, 100],
  },
  sluice_event_to_record_seconds: {
    kind: "histogram",
    labels: ["destination"],
    help: "From the receipt of an event to the confirmed write of its record.",
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60, 300, 1800, 7200],
  },
  sluice_breaker_state: {
    kind: "gauge",
    labels: ["destination"],
    help: "0 closed, 1 half-open, 2 open.",
  },
  sluice_hold: {
    kind: "gauge",
    labels: ["destination", "reason"],
    help: "1 while the destination is held for this reason.",
  },
  sluice_object_held: {
    kind: "gauge",
    labels: ["destination", "object"],
    help: "1 while records of the object wait because the destination takes none of them, such as where it does not exist.",
  },
  sluice_quota_remaining: {
    kind: "gauge",
    labels: ["destination"],
    help: "Requests that the destination would still take in this window.",
  },
  sluice_records_older_refused_total: {
    kind: "counter",
    labels: [],
    help: "Writes with values that services/records left out, since they were older than the record's.",
  },
} as const satisfies Record<string, Metric>;

type Metric = {
  kind: "counter" | "gauge" | "histogram";
  labels: readonly string[];
  help: string;
  buckets?: readonly number[];
};

export type MetricName = keyof typeof METRICS;
type NameOf<Kind> = {
  [N in MetricName]: (typeof METRICS)[N]["kind"] extends Kind ? N : never;
}[MetricName];
type LabelOf<N extends MetricName> = (typeof METRICS)[N]["labels"][number];

const load = createRequire(import.meta.url);
/** prom-client is loaded with the first registry: commands that count nothing load this module too. */
const client = (): typeof import("prom-client") => load("prom-client") as typeof import("prom-client");

/**
 * A role's own registry, with the figures of its process (memory, event loop, collections) unless they are not wanted: what watches
 * for them looks a hundred times a second, and as long as the process lives.
 */
export function createRegistry({ ofProcess = true }: { readonly ofProcess?: boolean } = {}): Registry {
  const { Registry: Empty, collectDefaultMetrics } = client();
  const registry = new Empty();
  if (ofProcess) collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}

/** The library's gauges with the name of a counter, which Prometheus' own tool refuses: each is the sum of one that stays. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** `collect` runs before each scrape, for counts that are kept elsewhere and only shown here. */
export function counter<N extends NameOf<"counter">>(
  registry: Registry,
  name: N,
  collect?: (counter: Counter<LabelOf<N>>) => void | Promise<void>,
): Counter<LabelOf<N>> {
  return new (client().Counter)({
    ...definition<N>(name),
    registers: [registry],
    ...(collect === undefined
      ? {}
      : {
          collect(this: Counter<LabelOf<N>>) {
            return collect(this);
          },
        }),
  });
}

/** `collect` runs before each scrape, for figures that are read and not kept. */
export function gauge<N extends NameOf<"gauge">>(
  registry: Registry,
  name: N,
  collect?: (gauge: Gauge<LabelOf<N>>) => void | Promise<void>,
): Gauge<LabelOf<N>> {
  return new (client().Gauge)({
    ...definition<N>(name),
    registers: [registry],
    ...(collect === undefined
      ? {}
      : {
          collect(this: Gauge<LabelOf<N>>) {
            return collect(this);
          },
        }),
  });
}

export function histogram<N extends NameOf<"histogram">>(registry: Registry, name: N): Histogram<LabelOf<N>> {
  return new (client().Histogram)({
    ...definition<N>(name),
    buckets: [...METRICS[name].buckets],
    registers: [registry],
  });
}

function definition<N extends MetricName>(name: N): { name: N; help: string; labelNames: LabelOf<N>[] } {
  return { name, help: METRICS[name].help, labelNames: [...METRICS[name].labels] };
}
