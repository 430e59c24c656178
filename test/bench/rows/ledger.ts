import { createHmac, randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { sluiceOf } from "../contestants.ts";
import { PATH, SECRET, SIGNATURE_HEADER } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { QUIET_RECORDS } from "../limits.ts";
import type { Row } from "../row.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";

type Shape = { readonly fields: number; readonly events: number; readonly share?: number };
type Quiet = { readonly key: string; readonly bytes: Buffer; readonly ttl: number };

const SHAPES: readonly Shape[] = [
  { fields: 1, events: 1 },
  { fields: 5, events: 1 },
  { fields: 5, events: 5 },
  { fields: 20, events: 1 },
  { fields: 20, events: 20 },
  { fields: 100, events: 1, share: 0.1 },
  { fields: 100, events: 100, share: 0.1 },
];
const BATCH = 1000;
const LEDGERS = "{sluice:crm}:l:*";
const ID_CHARACTERS = 22;

/**
 * One record of each shape goes the whole way from the door until it is settled; its keys in Redis are then restored under as
 * many other keys of the same length, with its expiry, and the growth of Redis is divided by them. Field names have 8 characters.
 */
export const ledger: Row = {
  name: "ledger",
  title: "Redis' bytes of a quiet record",
  always: false,
  measure: async ({ events: most = QUIET_RECORDS, nodeOptions, progress }) =>
    await withDestination(0, async ({ url: destinationUrl }) => {
      const settings = { nodeOptions, destinationUrl, configuration: "hundred-fields.yaml" };
      const notes: string[] = [];
      for (const { fields, events, share = 1 } of SHAPES) {
        const records = Math.round(most * share);
        const bytes = await withFleet(sluiceOf(NOW), settings, async ({ door, redis, startWorker }) => {
          await startWorker();
          for (let event = 0; event < events; event += 1) {
            const each = fields / events;
            await write(door.url, event, { from: event * each, count: each });
            await redis.settled();
          }
          const quiet = await quietRecord(redis.client);
          const before = await redis.keptBytes();
          for (let done = 0; done < records; done += BATCH) await restore(redis.client, quiet, done, records);
          return ((await redis.keptBytes()) - before) / records;
        });
        const written = `${fields} fields in ${events} events, ${records} records: ${bytes.toFixed(0)} bytes each`;
        notes.push(`${written}, allowed ${fields * 64 + 200}`);
        progress(notes.at(-1)!);
      }
      return { findings: [], notes };
    }),
};

async function write(
  url: string,
  version: number,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<void> {
  const fields = Array.from({ length: count }, (_, at) => [`field_${String(from + at).padStart(2, "0")}`, "value"]);
  const updated_at = new Date(Date.UTC(2026, 0, 1) + version).toISOString();
  const event = {
    event_id: randomUUID(),
    type: "customer.updated",
    id: "c-1",
    updated_at,
    ...Object.fromEntries(fields),
  };
  const body = JSON.stringify(event);
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: signature };
  const answer = await fetch(`${url}${PATH}`, { method: "POST", headers, body });
  if (answer.status !== 202) throw new Error(`answered with ${answer.status}: ${await answer.text()}`);
}

async function quietRecord(client: Redis): Promise<Quiet> {
  const [key] = await client.keys(LEDGERS);
  if (key === undefined) throw new Error("the record left no ledger");
  return { key, bytes: await client.dumpBuffer(key), ttl: await client.pttl(key) };
}

async function restore(client: Redis, { key, bytes, ttl }: Quiet, from: number, records: number): Promise<void> {
  const pipeline = client.pipeline();
  const prefix = key.slice(0, -ID_CHARACTERS);
  for (let n = from; n < Math.min(records, from + BATCH); n += 1) {
    pipeline.restore(`${prefix}${String(n).padStart(ID_CHARACTERS, "0")}`, ttl, bytes);
  }
  for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
}
