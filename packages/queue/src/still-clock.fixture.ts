import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Change, MappedEvent } from "@sluice/record";
import { nextArrival } from "./arrival.fixture.ts";
import { createAcknowledgement } from "./server/acknowledgement.ts";
import { createMerging, type Merging } from "./merging/merging.ts";
import { connect } from "./connection/connection.ts";
import type { Gate } from "./gate/gate.ts";
import type { Lane } from "./lane.ts";
import { openLanes } from "./lanes/destination.ts";
import { settleLaneCount } from "./lanes/lane-count.ts";
import { partTags } from "./lanes/tags.ts";

/** A destination's lane, or several, on a real Redis whose scripts go by a clock that the test sets. */
export type StillLane = {
  readonly lane: Lane;
  /** The same destination, as another worker has it. */
  another(): Lane;
  readonly gate: Gate;
  readonly redis: Redis;
  /** The destination's own tag, and those of all its lanes. */
  readonly tag: string;
  readonly tags: readonly string[];
  /** Milliseconds since the beginning of the test's time. */
  nowMs(): number;
  passTime(ms: number): Promise<void>;
  /** Makes the records due: each gets a change with the next version. */
  admit(
    records: readonly string[],
    source?: string,
    fields?: Readonly<Record<string, unknown>> | null,
    trace?: string,
  ): Promise<void>;
};

const CLOCK = "local function now_micros() return tonumber(redis.call('GET', KEYS[1] .. ':clock')) end";
const BEGIN_MS = Date.UTC(2026, 0, 1);

export function stillRedis(url: string): Redis {
  return connect(url, "worker", () => {}, CLOCK);
}

export async function openStillLane(redis: Redis, lanes = 1): Promise<StillLane> {
  const namespace = `still-${randomUUID()}`;
  const tags = partTags(namespace, "crm", lanes);
  const day = 86_400_000;
  await settleLaneCount(redis, namespace, "crm", lanes);
  const options = {
    namespace,
    destination: "crm",
    dedupeWindowMs: day,
    orderingHorizonMs: day,
    acknowledgement: createAcknowledgement(redis, "redis"),
  };
  const { lane, gate } = openLanes(redis, options, () => lanes);
  const merging: Merging = createMerging(() => lane);
  let nowMs = 0;
  let version = 0n;
  const set = async (): Promise<void> => {
    for (const tag of tags) await redis.set(`${tag}:clock`, `${BEGIN_MS + nowMs}000`);
  };
  await set();
  return {
    lane,
    another: () => openLanes(redis, options, () => lanes).lane,
    gate,
    redis,
    tag: tags[0]!,
    tags,
    nowMs: () => nowMs,
    async passTime(ms) {
      nowMs += ms;
      await set();
    },
    async admit(records, source = "erp", fields = { tier: "gold" }, trace = "") {
      const events = records.map((record): MappedEvent => {
        version += 1n;
        const change: Change = {
          destination: "crm",
          object: "customer",
          key: { by: "external_id", value: record },
          version: { kind: "integer", value: version },
          effect:
            fields === null ? { kind: "delete" } : { kind: "fields", fields: new Map(Object.entries(fields)) as never },
        };
        const event = { id: `e${version}`, type: "t", time: null, source, data: null, headers: {} };
        return { event, rank: 0, arrival: nextArrival(), run: 0, changes: [change], faults: [], trace };
      });
      await merging.merge(events);
    },
  };
}
