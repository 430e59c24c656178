import { openQueue, type Claim, type ClaimOrder, type Lane, type Queue } from "@sluice/queue";
import type { MappedEvent } from "@sluice/record";

/** A lane that the bench drives by itself, without a door, a worker or a destination: nothing but its scripts on Redis. */
export type BenchLane = {
  readonly lane: Lane;
  /** Merges one event for each of these records, all at once. */
  merge(records: readonly number[], fields: number): Promise<void>;
  /** Claims at the most so many records, for requests of `batch` each. */
  claim(requests: number, batch: number): Promise<readonly Claim[]>;
  close(): Promise<void>;
};

const DESTINATION = "crm";
const SOURCE = "erp";

export async function openBenchLane({ url }: { readonly url: string }, lanes = 1): Promise<BenchLane> {
  const queue: Queue = await openQueue({
    redisUrl: url,
    kind: "worker",
    destinations: [DESTINATION],
    lanes: new Map([[DESTINATION, lanes]]),
    dedupeWindowMs: 86_400_000,
    orderingHorizonMs: 86_400_000,
    onError: (error) => console.error(error.message),
  });
  const lane = queue.lane(DESTINATION);
  let micros = Date.UTC(2026, 0, 1) * 1000;
  const eventOf = (record: number, fields: number): MappedEvent => {
    micros += 1;
    const values = Array.from(
      { length: fields },
      (_, at) => [`field_${at}`, `value ${record} ${micros % 1000}`] as const,
    );
    return {
      event: { id: `event-${micros}`, type: "customer.updated", time: null, source: SOURCE, data: null, headers: {} },
      rank: 0,
      arrival: { micros, session: 1 },
      run: 0,
      changes: [
        {
          destination: DESTINATION,
          object: "customer",
          key: { by: "external_id", value: `customer-${record}` },
          version: { kind: "integer", value: BigInt(micros) },
          effect: { kind: "fields", fields: new Map(values) },
        },
      ],
      faults: [],
    };
  };
  return {
    lane,
    async merge(records, fields) {
      await queue.merging.merge(records.map((record) => eventOf(record, fields)));
    },
    async claim(requests, batch) {
      const claimed = await lane.claim({ ...ORDER, requests, batch });
      return claimed.kind === "claimed" ? claimed.claims : [];
    },
    close: async () => await queue.close(),
  };
}

const ORDER: Omit<ClaimOrder, "requests" | "batch"> = {
  unused: 0,
  requestsPerMinute: 1_000_000,
  leaseMs: 600_000,
  passMs: 1000,
  jobs: 1000,
  gatherMs: 0,
  credentials: "",
  remember: false,
  session: "bench",
};
