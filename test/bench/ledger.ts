import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { openQueue, type ClaimOrder, type Queue } from "@sluice/queue";
import type { MappedEvent } from "@sluice/record";
import { createLog, startRedis } from "@sluice/runtime";

// What a quiet record costs in Redis. `ledger.ts [RECORDS]` (default 1000000): one record of each shape goes the whole way through
// admit, claim and settle; what then stands in Redis is restored under as many other keys of the same length, with its
// expiry, and the growth of used_memory is divided by them. Event ids are UUIDs, field names have 8 characters.
const RECORDS = Number(process.argv[2] ?? 1_000_000);
const SHAPES = [
  { fields: 1, events: 1 },
  { fields: 5, events: 1 },
  { fields: 5, events: 5 },
  { fields: 20, events: 1 },
  { fields: 20, events: 20 },
  { fields: 100, events: 1, share: 0.1 },
  { fields: 100, events: 100, share: 0.1 },
];
const BATCH = 1000;
const ORDER: ClaimOrder = {
  requests: 1,
  batch: 1,
  unused: 0,
  requestsPerMinute: 100_000,
  leaseMs: 60_000,
  passMs: 1000,
  jobs: 1,
  gatherMs: 0,
  credentials: "",
  remember: false,
};

const dataDir = mkdtempSync(join(tmpdir(), "sluice-ledger-"));
const { url, stop } = await startRedis({ dataDir, env: process.env, log: createLog({ role: "bench", level: "warn" }) });
const redis = new Redis(url);
try {
  // The keys are the same with and without a file beside them.
  await redis.config("SET", "appendonly", "no");
  console.log("fields  events  records    bytes each  allowed (64 a field + 200)");
  for (const { fields, events, share = 1 } of SHAPES) {
    await redis.flushall();
    const quiet = await quietRecord(fields, events);
    const records = Math.round(RECORDS * share);
    const before = await usedMemory();
    for (let at = 0; at < records; at += BATCH) await restore(quiet, at, Math.min(BATCH, records - at));
    const each = ((await usedMemory()) - before) / records;
    const row = [String(fields).padEnd(6), String(events).padEnd(6), String(records).padEnd(9)];
    console.log(`${row.join("  ")}  ${each.toFixed(0).padEnd(10)}  ${fields * 64 + 200}`);
  }
} finally {
  redis.disconnect();
  await stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** A record of `fields` fields, which came in `events` events, each confirmed by itself. */
async function quietRecord(fields: number, events: number): Promise<{ key: string; bytes: Buffer; ttl: number }> {
  const queue = await openQueue({
    redisUrl: url,
    kind: "door",
    destinations: ["crm"],
    dedupeWindowMs: 86_400_000,
    orderingHorizonMs: 30 * 86_400_000,
    onError: (error) => console.error(error),
  });
  for (let event = 0; event < events; event += 1) {
    const names = Array.from({ length: fields / events }, (_, n) => `field_${String(event + n).padStart(2, "0")}`);
    await write(queue, event, names);
  }
  await queue.close();
  const [key = ""] = await redis.keys("{sluice:crm}:l:*");
  return { key, bytes: await redis.dumpBuffer(key), ttl: await redis.pttl(key) };
}

async function write(queue: Queue, version: number, names: readonly string[]): Promise<void> {
  const event: MappedEvent = {
    event: { id: randomUUID(), type: "t", time: null, source: "erp", data: null, headers: {} },
    rank: 0,
    arrival: { micros: version + 1, session: 0 },
    run: 0,
    changes: [
      {
        destination: "crm",
        object: "customer",
        key: { by: "external_id", value: "c-1" },
        version: { kind: "time", micros: 1_793_879_997_000_000n + BigInt(version) },
        effect: { kind: "fields", fields: new Map(names.map((name) => [name, "value"])) },
      },
    ],
    faults: [],
  };
  const [status] = await queue.merging.merge([event]);
  const claimed = await queue.lane("crm").claim(ORDER);
  if (status !== "accepted" || claimed.kind !== "claimed") throw new Error(`not merged: ${status}`);
  await queue.lane("crm").settleFields(claimed.claims[0]!);
}

async function restore(
  { key, bytes, ttl }: Awaited<ReturnType<typeof quietRecord>>,
  from: number,
  count: number,
): Promise<void> {
  const pipeline = redis.pipeline();
  const prefix = key.slice(0, -22);
  for (let n = from; n < from + count; n += 1) {
    pipeline.restore(prefix + String(n).padStart(22, "0"), ttl, bytes);
  }
  const failed = (await pipeline.exec())?.find(([error]) => error !== null);
  if (failed !== undefined) throw failed[0]!;
}

async function usedMemory(): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]);
}
