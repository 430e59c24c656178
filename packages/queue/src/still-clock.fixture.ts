import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Change, MappedEvent } from "@sluice/record";
import { nextArrival } from "./arrival.fixture.ts";
import { createAcknowledgement } from "./acknowledgement.ts";
import { createMerging, type Merging } from "./merging.ts";
import { connect } from "./connection.ts";
import { createGate, type Gate } from "./gate.ts";
import { createLane, laneTag, type Lane } from "./lane.ts";

/** A lane on a real Redis whose scripts go by a clock that the test sets. */
export type StillLane = {
  readonly lane: Lane;
  readonly gate: Gate;
  readonly redis: Redis;
  readonly tag: string;
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

export async function openStillLane(redis: Redis): Promise<StillLane> {
  const namespace = `still-${randomUUID()}`;
  const tag = laneTag(namespace, "crm");
  const day = 86_400_000;
  const lane = createLane(redis, {
    namespace,
    destination: "crm",
    dedupeWindowMs: day,
    orderingHorizonMs: day,
    acknowledgement: createAcknowledgement(redis, "redis"),
  });
  const merging: Merging = createMerging(() => lane);
  let nowMs = 0;
  let version = 0n;
  const set = async (): Promise<void> => void (await redis.set(`${tag}:clock`, `${BEGIN_MS + nowMs}000`));
  await set();
  return {
    lane,
    gate: createGate(redis, tag),
    redis,
    tag,
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
